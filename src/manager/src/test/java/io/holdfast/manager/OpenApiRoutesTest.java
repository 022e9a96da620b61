package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.json.Json;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.testbed.Certificates;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** openapi.yaml names each route of the API, and no other. Whether answers are as it says, the acceptance tests see. */
class OpenApiRoutesTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");
    /** What the paths begin with that are for browsers, or for whoever has a signed address. */
    private static final Set<String> NO_API = Set.of("", "login", "logout", "i", "o", "assets", "store/{path*}");

    @TempDir
    Path folder;

    @Test
    void itHasTheRoutesThatThereAre() throws Exception {
        try (Manager manager = new Manager(config(), point -> {})) {
            Set<String> routes = new TreeSet<>();
            for (String route : manager.routes()) {
                String path = route.substring(route.indexOf('/') + 1);
                if (!NO_API.contains(path) && !NO_API.contains(path.split("/", 2)[0])) {
                    routes.add(route);
                }
            }
            assertThat(described()).isEqualTo(routes);
        }
    }

    private static Set<String> described() throws Exception {
        try (InputStream in = Objects.requireNonNull(
                OpenApiRoutesTest.class.getResourceAsStream("/io/holdfast/manager/api/openapi.yaml"))) {
            JsonNode document = new YAMLMapper().readTree(in);
            Set<String> described = new TreeSet<>();
            document.get("paths").properties().forEach(path -> {
                JsonNode item = path.getValue().has("$ref")
                        ? document.at(path.getValue().get("$ref").asString().substring(1))
                        : path.getValue();
                assertThat(item.isObject()).as(path.getKey()).isTrue();
                item.propertyNames().stream()
                        .filter(METHODS::contains)
                        .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
            });
            return described;
        }
    }

    private ManagerConfig config() throws Exception {
        Certificates certificates = new Certificates(folder.resolve("tls"));
        Certificates.Issued tls = certificates.server("manager");
        Path secret = Files.writeString(
                folder.resolve("secret"),
                X25519Identity.generate(new SecureRandom()).encoded());
        Path file = folder.resolve("manager.json");
        Files.write(
                file,
                Json.mapper()
                        .writeValueAsBytes(Map.of(
                                "state_directory", folder.resolve("state").toString(),
                                "listen", "127.0.0.1:0",
                                "agents_listen", "127.0.0.1:0",
                                "agents_url", "https://127.0.0.1:1",
                                "tls",
                                        Map.of(
                                                "certificate_file",
                                                        tls.certificateFile().toString(),
                                                "private_key_file",
                                                        tls.privateKeyFile().toString(),
                                                "agents_ca_file",
                                                        certificates.caFile().toString()),
                                "operators", List.of(Map.of("name", "admin", "password", "a long password")),
                                "keys", Map.of("secret_file", secret.toString()),
                                "store",
                                        Map.of(
                                                "kind",
                                                "directory",
                                                "path",
                                                folder.resolve("store").toString()))));
        return ManagerConfig.read(file);
    }
}
