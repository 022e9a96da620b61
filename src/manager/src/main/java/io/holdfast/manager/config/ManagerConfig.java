package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The manager's configuration, see {@code docs/configuration.md}. Immutable.
 *
 * @param state where the database is
 * @param listen address of the API for operators and service brokers
 * @param agentsListen address for agents, and for the directory store's transfers
 * @param agentsUrl how agents reach {@code agentsListen}
 * @param tls certificates
 * @param operators who may do everything; at least one
 * @param brokers service brokers, who see the instances that they register
 * @param keys the manager's own keys
 * @param encryptionKeys rules for the passphrases that users set
 * @param downloads whether users may download their backups
 * @param store where backups lie
 * @param jobs lease and retry
 * @param readBack whether every backup is read back and decrypted after it was made
 * @param freshAfterDays after how many days a backup brings a segment again that it could borrow; 0 when none is
 *     borrowed
 * @param garbageCollection when garbage is collected
 * @param reconcileEvery how often the catalogue is compared with the store
 * @param schedule when backups are scheduled
 * @param retention which backups are kept
 * @param stateCopy copies of the SQLite database in the store
 * @param metricsPassword the password of the user {@code metrics}, or null when nobody may read metrics
 * @param login logins at the dashboard
 * @param cloudController who knows what app developers may do, or null when there are none
 * @param memoryAlertMb the use of memory, in MB, above which an operator is alerted; 0 when nobody watches
 */
public record ManagerConfig(
        StateConfig state,
        InetSocketAddress listen,
        InetSocketAddress agentsListen,
        URI agentsUrl,
        Tls tls,
        List<User> operators,
        List<Broker> brokers,
        Keys keys,
        EncryptionKeyConfig encryptionKeys,
        DownloadConfig downloads,
        StoreConfig store,
        Jobs jobs,
        boolean readBack,
        int freshAfterDays,
        GarbageCollection garbageCollection,
        Duration reconcileEvery,
        ScheduleConfig schedule,
        RetentionConfig retention,
        StateCopyConfig stateCopy,
        @Nullable String metricsPassword,
        LoginConfig login,
        @Nullable CloudControllerConfig cloudController,
        int memoryAlertMb) {

    private static final int SHORTEST_PASSWORD = 12;
    private static final Pattern ID_PREFIX = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /**
     * Reads a configuration file.
     *
     * @throws IOException when it cannot be read
     * @throws IllegalArgumentException with one line for each mistake, each beginning with its key
     */
    public static ManagerConfig read(Path file) throws IOException {
        SettingsReader settings = SettingsReader.of(file);
        boolean readBack = settings.object("verification").flag("enabled", true);
        ScheduleConfig schedule = ScheduleConfig.read(settings.object("schedule"));
        SettingsReader login = settings.object("login");
        ManagerConfig config = new ManagerConfig(
                StateConfig.read(settings),
                address(settings, "listen"),
                address(settings, "agents_listen"),
                url(settings, "agents_url"),
                Tls.read(settings.object("tls")),
                operators(settings),
                brokers(settings),
                Keys.read(settings.object("keys")),
                EncryptionKeyConfig.read(settings.object("passphrases")),
                DownloadConfig.read(settings.object("downloads"), reachedAt(settings, login)),
                StoreConfig.read(settings.object("store")),
                Jobs.read(settings.object("jobs")),
                readBack,
                settings.object("reuse").integer("fresh_after_days", 14, 0, 365),
                GarbageCollection.read(settings.object("garbage_collection")),
                Duration.ofSeconds(settings.object("reconcile").integer("every_seconds", 86_400, 1, 31_536_000)),
                schedule,
                RetentionConfig.read(
                        settings.object("retention"), schedule.platform().zone(), readBack),
                StateCopyConfig.read(settings.object("catalogue_backup")),
                metricsPassword(settings.object("metrics")),
                LoginConfig.read(login),
                CloudControllerConfig.read(settings.object("cloud_controller")),
                settings.integer("memory_alert_mb", 0, 0, Integer.MAX_VALUE));
        if (config.operators().isEmpty()) {
            settings.mistake("operators", "must name at least one operator");
        }
        if (config.brokers().stream()
                .anyMatch(broker -> config.operators().stream()
                        .anyMatch(operator -> operator.name().equals(broker.name())))) {
            settings.mistake("brokers", "must not have the name of an operator");
        }
        settings.finish();
        return config;
    }

    /** Where callers reach the manager: as browsers do, or else on the host where agents do. */
    private static URI reachedAt(SettingsReader settings, SettingsReader login) {
        if (login.optionalText("url") != null) {
            return url(login, "url");
        }
        String host = url(settings, "agents_url").getHost();
        return URI.create("https://" + host + ":" + address(settings, "listen").getPort());
    }

    private static @Nullable String metricsPassword(SettingsReader settings) {
        String password = settings.optionalText("password");
        if (password != null) {
            requireLength(settings, password);
        }
        return password;
    }

    private static void requireLength(SettingsReader settings, String password) {
        if (password.length() < SHORTEST_PASSWORD) {
            settings.mistake("password", "must have at least " + SHORTEST_PASSWORD + " characters");
        }
    }

    private static List<User> operators(SettingsReader settings) {
        return settings.objects("operators").stream().map(ManagerConfig::user).toList();
    }

    private static List<Broker> brokers(SettingsReader settings) {
        List<Broker> brokers = new ArrayList<>();
        for (SettingsReader each : settings.objects("brokers")) {
            User user = user(each);
            String prefix = each.optionalText("id_prefix");
            if (prefix != null && !ID_PREFIX.matcher(prefix).matches()) {
                each.mistake("id_prefix", "must be the beginning of an instance's id");
            }
            brokers.add(new Broker(user.name(), user.password(), prefix));
        }
        return List.copyOf(brokers);
    }

    private static User user(SettingsReader settings) {
        User user = new User(settings.text("name"), settings.text("password"));
        requireLength(settings, user.password());
        if (user.name().contains(":")) {
            settings.mistake("name", "must not have a colon in it");
        }
        return user;
    }

    private static InetSocketAddress address(SettingsReader settings, String key) {
        InetSocketAddress address = settings.converted(key, text -> {
            int colon = text.lastIndexOf(':');
            try {
                String host = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[|]$", "");
                return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("must be an address and a port, such as 0.0.0.0:8443", e);
            }
        });
        return address == null ? new InetSocketAddress(0) : address;
    }

    static URI url(SettingsReader settings, String key) {
        URI url = settings.converted(key, text -> {
            URI parsed = URI.create(text);
            if (!List.of("https", "http").contains(parsed.getScheme()) || parsed.getHost() == null) {
                throw new IllegalArgumentException("must be an address that begins with https://");
            }
            return parsed;
        });
        return url == null ? URI.create("") : url;
    }

    /**
     * Certificates and keys, as PEM files.
     *
     * @param certificateFile the manager's certificate with its chain
     * @param privateKeyFile its private key
     * @param agentsCaFile who signs the agents' certificates
     * @param agentNames which names in these stand for an instance, besides those that name it themselves
     */
    public record Tls(Path certificateFile, Path privateKeyFile, Path agentsCaFile, AgentNames agentNames) {
        static Tls read(SettingsReader settings) {
            AgentNames names = AgentNames.NONE;
            try {
                names = AgentNames.of(settings.texts("agent_names"));
            } catch (IllegalArgumentException e) {
                settings.mistake("agent_names", String.valueOf(e.getMessage()));
            }
            return new Tls(
                    settings.file("certificate_file"),
                    settings.file("private_key_file"),
                    settings.file("agents_ca_file"),
                    names);
        }
    }

    /** Somebody who is known by name and password. */
    public record User(String name, String password) {
        @Override
        public String toString() {
            return "User[" + name + "]";
        }
    }

    /**
     * A service broker. One name may be there twice, with two passwords that both count.
     *
     * @param idPrefix how the ids of its instances begin, or null for any
     */
    public record Broker(
            String name, String password, @Nullable String idPrefix) {
        /** How it logs in. */
        public User user() {
            return new User(name, password);
        }

        @Override
        public String toString() {
            return "Broker[" + name + "]";
        }
    }

    /**
     * The manager's own keys.
     *
     * @param secretFile a random text from which the two keys below are derived, or null when they are given
     * @param masterIdentityFile an age identity file; it opens the instances' keys
     * @param signingKeyFile an Ed25519 private key; it signs the manifests
     * @param trustedSigningKeyFiles public keys of managers before this one, whose manifests count too
     * @param recoveryRecipients age recipients whose holders can open every backup without the manager
     */
    public record Keys(
            @Nullable Path secretFile,
            @Nullable Path masterIdentityFile,
            @Nullable Path signingKeyFile,
            List<Path> trustedSigningKeyFiles,
            List<String> recoveryRecipients) {
        static Keys read(SettingsReader settings) {
            Path secret = settings.optionalFile("secret_file");
            Path master = settings.optionalFile("master_identity_file");
            Path signing = settings.optionalFile("signing_key_file");
            if (secret == null && (master == null || signing == null)) {
                settings.mistake("secret_file", "is missing, or master_identity_file and signing_key_file are");
            } else if (secret != null && (master != null || signing != null)) {
                settings.mistake("secret_file", "must not stand beside master_identity_file or signing_key_file");
            }
            return new Keys(
                    secret,
                    master,
                    signing,
                    settings.files("trusted_signing_key_files"),
                    settings.texts("recovery_recipients"));
        }
    }

    /**
     * Lease and retry.
     *
     * @param lease how long a silent attempt keeps its job
     * @param heartbeat how often agents report
     * @param poll how long a claim may wait
     * @param maxAttempts how often a job is tried
     * @param firstRetryDelay the upper end of the first random pause between attempts; it doubles each time
     * @param resumeDeadline how long a restore that was cut off while replacing live data waits for its agent
     * @param rollbackHours how long restores keep what they replaced
     * @param maxRunning how many jobs may run at once at all managers, {@link Integer#MAX_VALUE} for any number;
     *     restores are not held back by it
     * @param maxCommits how many finished uploads one manager proves at once
     */
    public record Jobs(
            Duration lease,
            Duration heartbeat,
            Duration poll,
            int maxAttempts,
            Duration firstRetryDelay,
            Duration resumeDeadline,
            int rollbackHours,
            int maxRunning,
            int maxCommits) {

        /** How long an agent that lives may be silent: between two claims, or between two heartbeats. */
        public Duration silence() {
            return poll.plus(lease);
        }

        static Jobs read(SettingsReader settings) {
            Jobs jobs = new Jobs(
                    Duration.ofSeconds(settings.integer("lease_seconds", 15, 2, 3600)),
                    Duration.ofSeconds(settings.integer("heartbeat_seconds", 5, 1, 600)),
                    Duration.ofSeconds(settings.integer("poll_seconds", 20, 1, 300)),
                    settings.integer("max_attempts", 5, 1, 100),
                    Duration.ofMillis(settings.integer("first_retry_delay_ms", 10_000, 0, 3_600_000)),
                    Duration.ofSeconds(settings.integer("resume_deadline_seconds", 3600, 1, 604_800)),
                    settings.integer("rollback_hours", 24, 0, 24 * 365),
                    settings.integer("max_running", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
                    settings.integer("max_commits", 16, 1, 1_000));
            if (jobs.heartbeat.compareTo(jobs.lease) >= 0) {
                settings.mistake("heartbeat_seconds", "must be less than lease_seconds");
            }
            return jobs;
        }
    }

    /**
     * When garbage is collected.
     *
     * @param every how often the manager lists the store to look for garbage
     * @param minAge how old garbage must be that no job of this manager explains
     */
    public record GarbageCollection(Duration every, Duration minAge) {
        static GarbageCollection read(SettingsReader settings) {
            return new GarbageCollection(
                    Duration.ofSeconds(settings.integer("every_seconds", 86_400, 1, 604_800)),
                    Duration.ofSeconds(settings.integer("min_age_seconds", 86_400, 0, 31_536_000)));
        }
    }

    /** Where backups lie. */
    public sealed interface StoreConfig {
        private static StoreConfig read(SettingsReader settings) {
            String kind = settings.text("kind");
            return switch (kind) {
                case "directory" -> new DirectoryStoreConfig(Path.of(settings.text("path")));
                case "s3" -> S3StoreConfig.from(settings);
                case "" -> new DirectoryStoreConfig(Path.of(""));
                default -> {
                    settings.mistake("kind", "must be directory or s3");
                    yield new DirectoryStoreConfig(Path.of(""));
                }
            };
        }
    }

    /** A directory, served to the agents by the manager itself. */
    public record DirectoryStoreConfig(Path path) implements StoreConfig {}

    /**
     * A bucket behind the S3 protocol.
     *
     * @param endpoint null for AWS itself
     * @param pathStyle whether the bucket is in the path instead of the host name
     * @param caFile who signed the store's certificate, or null for what the JVM trusts
     */
    public record S3StoreConfig(
            @Nullable URI endpoint,
            String region,
            String bucket,
            String prefix,
            String accessKeyId,
            String secretAccessKey,
            boolean pathStyle,
            @Nullable Path caFile,
            String storageClass)
            implements StoreConfig {

        private static S3StoreConfig from(SettingsReader settings) {
            String region = settings.optionalText("region");
            String prefix = settings.optionalText("prefix");
            String storageClass = settings.optionalText("storage_class");
            return new S3StoreConfig(
                    settings.optionalText("endpoint") == null ? null : url(settings, "endpoint"),
                    region == null ? "us-east-1" : region,
                    settings.text("bucket"),
                    prefix == null ? "" : prefix,
                    settings.text("access_key_id"),
                    settings.text("secret_access_key"),
                    settings.flag("path_style", true),
                    settings.optionalFile("ca_file"),
                    storageClass == null ? "STANDARD" : storageClass);
        }

        @Override
        public String toString() {
            return "S3StoreConfig[" + endpoint + ", " + bucket + "/" + prefix + "]";
        }
    }
}
