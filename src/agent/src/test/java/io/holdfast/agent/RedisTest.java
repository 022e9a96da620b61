package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.RedisServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against a real Redis, and what only Redis has. */
class RedisTest extends ServerContract {
    private static final String PASSWORD = "of the agent, quoted";

    /** As the adapter's page gives it. */
    private static final String RIGHTS = "+ping +info +sync +replconf +config|get +acl|list +acl|whoami +acl|users"
            + " +replicaof +config|set +client|pause +client|unpause +acl|setuser +acl|deluser +acl|save +bgsave"
            + " +bgrewriteaof";

    private static final String CONTENT = """
            SET plain value
            SET "" "an empty name"
            SET empty ""
            SET "odd \\"name\\"\\x00\\xff \\n" "\\x00\\x01\\xfe binary \\r\\n"
            SET number 12345678901234567890
            SET for-long x PXAT 4102444800123
            SETRANGE huge 3000000 end
            RPUSH list a "" b a
            SADD set c a b
            SADD numbers 3 1 2
            HSET hash f 1 "" 2 g ""
            ZADD zset 1.5 a -inf b 1e300 c
            XADD stream 1-1 f v
            XADD stream 2-1 f w
            XGROUP CREATE stream group 1-1
            SETBIT bits 1000 1
            PFADD hyper a b c
            GEOADD geo 13.4 52.5 berlin
            HSET large-hash %s
            SELECT 7
            SET plain "in another database"
            EXPIREAT plain 4102444800
            SELECT 15
            SET last x
            FUNCTION LOAD "#!lua name=lib\\n redis.register_function('f', function() return 1 end)"
            """.formatted(numbers());

    private static final String USERS = """
            ACL SETUSER app reset on >app-password ~* +@all
            ACL SETUSER reader reset on >a >b ~r:* %R~x:* resetchannels +@read -get "(~y:* +set)"
            ACL SETUSER odd reset on >odd ~a(b ~)c ~(d +get
            ACL SETUSER off-user reset off nopass
            """;

    /** All databases as text that does not depend on how a server keeps its data; without what writers write. */
    private static final String LISTING = """
            local out = {}
            for db = 0, 15 do
              redis.call('SELECT', db)
              local keys = redis.call('KEYS', '*')
              table.sort(keys)
              for _, key in ipairs(keys) do
                local type = redis.call('TYPE', key).ok
                local value
                if type == 'string' then value = redis.sha1hex(redis.call('GET', key))
                elseif type == 'list' then value = redis.call('LRANGE', key, 0, -1)
                elseif type == 'set' then value = redis.call('SMEMBERS', key) table.sort(value)
                elseif type == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
                elseif type == 'stream' then
                  value = {cjson.encode(redis.call('XRANGE', key, '-', '+')), cjson.encode(redis.call('XINFO', 'GROUPS', key))}
                else
                  value = {}
                  local hash = redis.call('HGETALL', key)
                  for i = 1, #hash, 2 do value[#value + 1] = hash[i] .. '=' .. hash[i + 1] end
                  table.sort(value)
                end
                if string.sub(key, 1, 5) ~= 'load:' then
                  out[#out + 1] = db .. ' ' .. redis.sha1hex(key) .. ' ' .. key .. ' ' .. redis.call('PEXPIRETIME', key)
                    .. ' ' .. type .. ' ' .. cjson.encode(value)
                end
              end
            end
            return table.concat(out, '\\n')
            """;

    private RedisServer server;

    private static String numbers() {
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            pairs.append("field").append(i).append(" value").append(i).append(' ');
        }
        return pairs.toString();
    }

    @BeforeAll
    void startServer() {
        server = RedisServer.start();
        server.calls("ACL SETUSER holdfast reset on \">" + PASSWORD + "\" " + RIGHTS + "\nACL SAVE\n");
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Override
    AdapterConfig config() {
        return config(PASSWORD, RedisConfig.DEFAULT_TOOL_DIRECTORIES);
    }

    @Override
    AdapterConfig withPassword(String password) {
        return config(password, RedisConfig.DEFAULT_TOOL_DIRECTORIES);
    }

    @Override
    @Nullable AdapterConfig withTools(Path folder) {
        return null; // a backup needs none
    }

    private RedisConfig config(String password, List<String> tools) {
        return new RedisConfig(
                RedisServer.product(),
                server.host(),
                server.port(),
                "holdfast",
                password,
                null,
                "127.0.0.1",
                tools,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    @Override
    String page() {
        return "redis";
    }

    @Override
    void fill() {
        lose();
        server.calls(CONTENT);
        server.calls(USERS + "ACL SAVE\n");
        assertThat(server.call("DBSIZE")).isEqualTo("17");
    }

    @Override
    void change() {
        server.calls("""
                DEL plain list hash
                SET plain other
                RPUSH list z
                SET added x
                PERSIST for-long
                SELECT 7
                FLUSHDB
                SELECT 9
                SET added x
                ACL SETUSER app reset on >app-password ~* +@all -flushall
                ACL DELUSER reader
                ACL SAVE
                """);
    }

    @Override
    void lose() {
        server.calls("FLUSHALL\nFUNCTION FLUSH\nACL DELUSER app reader off-user\nACL SAVE\n");
    }

    @Override
    String listing() {
        return server.call("EVAL", LISTING, "0") + "\n" + server.call("FUNCTION", "LIST") + "\n"
                + String.join(
                        "\n",
                        server.call("ACL", "LIST")
                                .lines()
                                .filter(user -> !user.startsWith("user holdfast ")) // its rules change places
                                .sorted()
                                .toList());
    }

    @Override
    void spoil() {
        server.calls("CONFIG SET replica-read-only no\nDEL huge\nCONFIG SET replica-read-only yes\n");
    }

    @Override
    void garble(Path staged) throws IOException {
        Path file = staged.resolve("data.rdb");
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 20, (byte) 7);
        Files.write(file, bytes);
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of(
                "REDIS_HOST", server.host(),
                "REDIS_PORT", Integer.toString(server.port()),
                "REDISCLI_AUTH", server.password());
    }

    @Override
    void kill() {
        server.kill();
    }

    @Override
    void restart() {
        server.restart();
    }

    @Override
    void fillLarge() {
        // Longer than what is compressed at a time, so that the repetition is not seen.
        server.call("EVAL", """
                local bytes = {}
                for i = 1, 1200 do
                  local part = {}
                  for j = 1, 1000 do part[j] = string.char(math.random(0, 255)) end
                  bytes[i] = table.concat(part)
                end
                local text = table.concat(bytes)
                for i = 1, 40 do redis.call('SET', 'large' .. i, text) end
                """, "0");
    }

    @Override
    Writer writer() throws IOException {
        Process client = new ProcessBuilder(
                        RedisServer.product() + "-cli",
                        "--raw",
                        "-p",
                        Integer.toString(server.port()),
                        "--user",
                        "app",
                        "--no-auth-warning",
                        "-a",
                        "app-password")
                .start();
        var answers = client.inputReader();
        OutputStream commands = client.getOutputStream();
        return new Writer() {
            @Override
            public void write(long number) throws IOException {
                commands.write(("EVAL \"redis.call('RPUSH', 'load:a', ARGV[1]) redis.call('RPUSH', 'load:b', ARGV[1])"
                                + " return 'done'\" 0 " + number + "\n")
                        .getBytes(StandardCharsets.UTF_8));
                commands.flush();
                String answer = answers.readLine();
                if (answer == null || !answer.equals("done")) {
                    throw new IOException("not taken: " + answer);
                }
            }

            @Override
            public void close() {
                client.destroyForcibly().onExit().join();
            }
        };
    }

    @Override
    List<Long> written() {
        String first = server.call("LRANGE", "load:a", "0", "-1");
        assertThat(server.call("LRANGE", "load:b", "0", "-1")).isEqualTo(first);
        return first.lines().map(Long::valueOf).toList();
    }

    @Test
    void serverThatTakesNoMoreConnectionsIsToldAsNotReachable() throws Exception {
        fill();
        List<Writer> users = new ArrayList<>();
        try {
            server.call("CONFIG", "SET", "maxclients", "5");
            for (int i = 0; i < 5; i++) {
                users.add(writer());
                users.getLast().write(i);
            }
            assertNoRoomIsTold();
        } finally {
            users.forEach(Writer::close);
            Await.untilAnswered(
                    () -> server.call("CONFIG", "SET", "maxclients", "10000").equals("OK"));
        }
        try (RunningAgent _ = agent()) {
            backup();
        }
    }

    @Test
    void restoreNeedsTheServersProgramAndSaysSo() throws Exception {
        fill();
        Path none = Files.createDirectory(directory.resolve("no-tools"));
        RedisConfig config = config(PASSWORD, List.of(none.toString()));
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.TOOL_MISSING);
            assertNothingLeft(agent);
        }
    }

    @Test
    void userWithoutRightsIsRefused() throws Exception {
        server.calls("ACL SETUSER holdfast -sync\n");
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertNothingLeft(agent);
        } finally {
            server.calls("ACL SETUSER holdfast +sync\n");
        }
    }

    @Test
    void settingsOfTheServerAreAsTheyWereAfterARestore() throws Exception {
        fill();
        server.calls("CONFIG SET masterauth \"some other\"\nCONFIG SET repl-diskless-load on-empty-db\n");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.call("CONFIG", "GET", "masterauth")).endsWith("some other");
            assertThat(server.call("CONFIG", "GET", "repl-diskless-load")).endsWith("on-empty-db");
            assertThat(server.call("INFO", "replication")).contains("role:master");
            assertNothingLeft(agent);
        } finally {
            server.calls("CONFIG SET masterauth \"\"\nCONFIG SET repl-diskless-load disabled\n");
        }
        String before = listing();
        server.kill();
        server.restart();
        assertThat(listing()).as("it is on the disk").isEqualTo(before);
    }

    @Test
    void snapshotOfAServerThatWritesItToItsDiskFirstIsTakenToo() throws Exception {
        fill();
        server.calls("CONFIG SET repl-diskless-sync no\n");
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        } finally {
            server.calls("CONFIG SET repl-diskless-sync yes\n");
        }
    }
}
