package io.holdfast.manager.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which names in certificates stand for which instance, where a certificate names a deployment and not an instance: BOSH's
 * Director can put the address of an instance group into it, such as {@code q-s0.postgres.default.service-instance-shop-1.bosh},
 * and an operator says by a pattern how instances are called there.
 *
 * <p>Nothing that an agent says counts: the name is in a certificate of the agents' authority, and the pattern in the
 * manager's configuration. Immutable.
 */
public final class AgentNames {
    /** Where nothing but an instance's own names counts. */
    public static final AgentNames NONE = new AgentNames(List.of());

    private static final String INSTANCE = "{instance}";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_-]*(\\{instance})?[a-z0-9_-]*|\\*");

    private final List<Pattern> patterns;

    private AgentNames(List<Pattern> patterns) {
        this.patterns = patterns;
    }

    /**
     * Reads patterns: DNS names, in which {@code *} is any one label, and one label has {@code {instance}} in it, which is
     * letters, digits, dashes and underscores.
     *
     * @throws IllegalArgumentException when one is none, with what is wrong
     */
    public static AgentNames of(List<String> patterns) {
        return new AgentNames(patterns.stream().map(AgentNames::pattern).toList());
    }

    private static Pattern pattern(String text) {
        String[] labels = text.split("\\.", -1);
        StringBuilder regex = new StringBuilder();
        int instances = 0;
        for (String label : labels) {
            if (label.isEmpty() || !LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException(
                        "must have DNS names in lower case in it, with * for a label and {instance} in one, and not "
                                + text);
            }
            instances += label.contains(INSTANCE) ? 1 : 0;
            regex.append(regex.isEmpty() ? "" : "\\.")
                    .append(
                            label.equals("*")
                                    ? "[a-z0-9_-]+"
                                    : label.replace(INSTANCE, "(?<instance>[a-z0-9][a-z0-9_-]{0,127})"));
        }
        if (instances != 1) {
            throw new IllegalArgumentException("must have {instance} in each name once, and not as in " + text);
        }
        return Pattern.compile(regex.toString());
    }

    /** The instance that a certificate's DNS name stands for, if it stands for one. */
    public Optional<String> instance(String name) {
        return patterns.stream()
                .map(pattern -> pattern.matcher(name))
                .filter(Matcher::matches)
                .map(match -> match.group("instance"))
                .findFirst();
    }
}
