package io.holdfast.manager.agents;

import io.holdfast.manager.config.AgentNames;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which agent is calling, from its certificate's alternative name: the URI
 * {@code holdfast://instance/<instance_id>/<position>}, or the DNS name {@code <position>.<instance_id>.agent.holdfast},
 * which is what BOSH's variables can make. The VMs of an instance group have one certificate between them: it names all of
 * their agents, and each says which one it is. Besides, a DNS name counts that {@link AgentNames} knows: of the agents of such an
 * instance each says which one it is, and the only one says nothing.
 *
 * @param instanceId the instance that it belongs to
 * @param position its place among that instance's agents, from 0
 */
public record AgentIdentity(String instanceId, int position) {
    /** What an instance's id looks like. It becomes part of paths in the store. */
    public static final Pattern INSTANCE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /** In the store, what is the manager's own is as if it were an instance of this name. */
    private static final String MANAGERS_OWN = "manager";

    private static final Pattern URI =
            Pattern.compile("holdfast://instance/(?<instance>" + INSTANCE_ID + ")/(?<position>[0-9]{1,4})");
    private static final Pattern DNS =
            Pattern.compile("(?<position>[0-9]{1,4})\\.(?<instance>" + INSTANCE_ID + ")\\.agent\\.holdfast");
    private static final int URI_NAME = 6;
    private static final int DNS_NAME = 2;
    private static final int MOST_SAID = 3;

    /** Whether an instance may have this id. */
    public static boolean isInstanceId(String id) {
        return INSTANCE_ID.matcher(id).matches() && !id.equals(MANAGERS_OWN);
    }

    /**
     * Reads a certificate that was verified before.
     *
     * @param names which other names stand for an instance
     * @param position which of the agents it is that the certificate names, or null
     * @return empty when the certificate does not name that one, or when it is not said which one of several it is
     */
    public static Optional<AgentIdentity> of(
            X509Certificate certificate, AgentNames names, @Nullable Integer position) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            List<AgentIdentity> found = alternatives == null
                    ? List.of()
                    : alternatives.stream()
                            .flatMap(name -> switch ((Integer) name.get(0)) {
                                case URI_NAME -> identity(URI, name.get(1));
                                case DNS_NAME ->
                                    Stream.concat(identity(DNS, name.get(1)), identity(names, name.get(1), position));
                                default -> Stream.empty();
                            })
                            .filter(each -> position == null || each.position() == position)
                            .toList();
            return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }

    /** The names in a certificate that nobody has believed yet; for the log alone. */
    public static String said(X509Certificate certificate) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                return alternatives.stream()
                        .map(name -> String.valueOf(name.get(1)))
                        .limit(MOST_SAID)
                        .collect(Collectors.joining(", "));
            }
        } catch (CertificateParsingException e) {
            // Then by its subject.
        }
        return certificate.getSubjectX500Principal().getName();
    }

    private static Stream<AgentIdentity> identity(AgentNames names, Object name, @Nullable Integer position) {
        return names.instance(String.valueOf(name)).stream()
                .map(instance -> new AgentIdentity(instance, position == null ? 0 : position));
    }

    private static Stream<AgentIdentity> identity(Pattern pattern, Object name) {
        Matcher matcher = pattern.matcher(String.valueOf(name));
        return matcher.matches() && isInstanceId(matcher.group("instance"))
                ? Stream.of(new AgentIdentity(matcher.group("instance"), Integer.parseInt(matcher.group("position"))))
                : Stream.empty();
    }
}
