package io.holdfast.manager.jobs;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which agent is calling, from its certificate's alternative name: the URI
 * {@code holdfast://instance/<instance_id>/<position>}, or the DNS name {@code <position>.<instance_id>.agent.holdfast},
 * which is what BOSH's variables can make. The VMs of an instance group have one certificate between them: it names all of
 * their agents, and each says which one it is.
 *
 * @param instanceId the instance that it belongs to
 * @param position its place among that instance's agents, from 0
 */
public record AgentIdentity(String instanceId, int position) {
    /** What an instance's id looks like. It becomes part of paths in the store. */
    public static final Pattern INSTANCE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static final Pattern URI =
            Pattern.compile("holdfast://instance/(?<instance>" + INSTANCE_ID + ")/(?<position>[0-9]{1,4})");
    private static final Pattern DNS =
            Pattern.compile("(?<position>[0-9]{1,4})\\.(?<instance>" + INSTANCE_ID + ")\\.agent\\.holdfast");
    private static final int URI_NAME = 6;
    private static final int DNS_NAME = 2;

    /**
     * Reads a certificate that was verified before.
     *
     * @param position which of the agents it is that the certificate names, or null
     * @return empty when the certificate does not name that one, or when it is not said which one of several it is
     */
    public static Optional<AgentIdentity> of(X509Certificate certificate, @Nullable Integer position) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            List<AgentIdentity> found = names == null
                    ? List.of()
                    : names.stream()
                            .flatMap(name -> switch ((Integer) name.get(0)) {
                                case URI_NAME -> identity(URI, name.get(1));
                                case DNS_NAME -> identity(DNS, name.get(1));
                                default -> Stream.empty();
                            })
                            .filter(each -> position == null || each.position() == position)
                            .toList();
            return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }

    private static Stream<AgentIdentity> identity(Pattern pattern, Object name) {
        Matcher matcher = pattern.matcher(String.valueOf(name));
        return matcher.matches()
                ? Stream.of(new AgentIdentity(matcher.group("instance"), Integer.parseInt(matcher.group("position"))))
                : Stream.empty();
    }
}
