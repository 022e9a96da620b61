package io.holdfast.manager.jobs;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which agent is calling, from its certificate's alternative name {@code holdfast://instance/<instance_id>/<position>}.
 *
 * @param instanceId the instance that it belongs to
 * @param position its place among that instance's agents, from 0
 */
public record AgentIdentity(String instanceId, int position) {
    /** What an instance's id looks like. It becomes part of paths in the store. */
    public static final Pattern INSTANCE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static final Pattern NAME = Pattern.compile("holdfast://instance/(" + INSTANCE_ID + ")/([0-9]{1,4})");
    private static final int URI_NAME = 6;

    /** Reads a certificate that was verified before. Empty when it has no such name, or several. */
    public static Optional<AgentIdentity> of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            List<Matcher> found = names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> Integer.valueOf(URI_NAME).equals(name.get(0)))
                            .map(name -> NAME.matcher(String.valueOf(name.get(1))))
                            .filter(Matcher::matches)
                            .toList();
            return found.size() == 1
                    ? Optional.of(new AgentIdentity(
                            found.getFirst().group(1),
                            Integer.parseInt(found.getFirst().group(2))))
                    : Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }
}
