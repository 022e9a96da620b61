package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that talks to the manager. */
final class ManagerOptions {
    private static final String MANAGER = "HOLDFAST_MANAGER";
    private static final String USER = "HOLDFAST_USER";
    private static final String PASSWORD_FILE = "HOLDFAST_PASSWORD_FILE";
    private static final String CA_FILE = "HOLDFAST_CA_FILE";

    private final Surroundings surroundings;

    @Option(
            names = "--manager",
            paramLabel = "URL",
            description = "The manager's address, such as https://backup.example:8443. Or set " + MANAGER + ".")
    private @Nullable String manager;

    @Option(names = "--user", paramLabel = "NAME", description = "The operator's name. Or set " + USER + ".")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "A file with the operator's password in its first line. Or set " + PASSWORD_FILE
                    + ". Without it, the password is asked for on a terminal.")
    private @Nullable String passwordFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "The CA that signed the manager's certificate, in PEM form; without it, those that Java"
                    + " trusts. Or set " + CA_FILE + ".")
    private @Nullable String caFile;

    @Option(names = "--json", description = "Print the manager's answer as JSON.")
    private boolean json;

    ManagerOptions(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Whether to print JSON. */
    boolean json() {
        return json;
    }

    /** Prints an answer as it came. */
    int print(Answer answer) {
        surroundings.out().println(answer.text().stripTrailing());
        return ExitCode.OK.number();
    }

    /** A client for the manager that was chosen. The first call shows whether it is there. */
    ManagerClient connect() {
        URI address = address(required(manager, MANAGER, "--manager"));
        String name = required(user, USER, "--user");
        if (name.contains(":")) {
            throw usage("a user's name has no colon");
        }
        return new ManagerClient(address, name, password(), tls());
    }

    private static URI address(String text) {
        try {
            URI address = URI.create(text);
            if ("https".equals(address.getScheme())
                    && address.getHost() != null
                    && address.getUserInfo() == null
                    && address.getQuery() == null
                    && address.getFragment() == null) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        // The text is not repeated: somebody may have put a password into it.
        throw usage("the manager's address must look like https://HOST:PORT");
    }

    @SuppressWarnings("SystemConsoleNull") // in JDK 25 it is null again where output is no terminal
    private String password() {
        String file = optional(passwordFile, PASSWORD_FILE);
        if (file != null) {
            return LocalFiles.firstLine(Path.of(file));
        }
        Console console = System.console();
        if (surroundings.canAsk() && console != null) {
            char[] typed = console.readPassword("Password: ");
            if (typed != null) {
                return new String(typed);
            }
        }
        throw usage("the password is missing: give --password-file or set " + PASSWORD_FILE);
    }

    /** Trusts whom the manager is trusted by and, when there is one, another CA. */
    SSLContext tlsAlso(@Nullable Path other) {
        String own = optional(caFile, CA_FILE);
        List<Path> files = new ArrayList<>();
        if (own != null) {
            files.add(Path.of(own));
        }
        if (other != null) {
            files.add(other);
        }
        try {
            return TlsContexts.trustingAlso(files);
        } catch (IOException e) {
            throw LocalFiles.unreadable(files.getLast(), e);
        }
    }

    private SSLContext tls() {
        String file = optional(caFile, CA_FILE);
        try {
            if (file == null) {
                return SSLContext.getDefault();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {TlsContexts.trusting(Path.of(file))}, null);
            return context;
        } catch (IOException e) {
            throw LocalFiles.unreadable(Path.of(file == null ? "" : file), e);
        } catch (GeneralSecurityException e) {
            throw new Failure(ExitCode.LOCAL_FILE, "TrustStore", "this JVM cannot do TLS: " + e.getMessage(), null, e);
        }
    }

    private String required(@Nullable String option, String variable, String name) {
        String value = optional(option, variable);
        if (value == null) {
            throw usage(name + " is missing: give it, or set " + variable);
        }
        return value;
    }

    private @Nullable String optional(@Nullable String option, String variable) {
        String value = option != null ? option : surroundings.environment().get(variable);
        return value == null || value.isBlank() ? null : value;
    }

    private static Failure usage(String what) {
        return new Failure(ExitCode.USAGE, "Usage", what, null);
    }
}
