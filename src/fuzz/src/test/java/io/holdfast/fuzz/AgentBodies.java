package io.holdfast.fuzz;

/** What an agent says in its calls, of a job in its first attempt. */
final class AgentBodies {
    private static final String MEMORY = "{\"resident_bytes\":120000000,\"resident_with_children_bytes\":150000000,"
            + "\"heap_bytes\":30000000,\"direct_bytes\":1000000}";

    static final String HELLO = """
            {"session":"session-1","service":"postgresql","version":"1.0","host":"vm-7","server_version":"17.1",
            "tools":[{"name":"pg_dump","version":"17.1","path":"/usr/bin/pg_dump","warning":"old"}],"warnings":["old"],"protocol":3,
            "capabilities":["backup","restore","format_2","skip_broken","reuse"]}""";
    static final String CLAIM =
            "{\"session\":\"session-1\",\"wait_seconds\":0,\"memory\":" + MEMORY + ",\"role\":null}";
    static final String SNAPSHOTS = "{\"session\":\"session-1\",\"backups\":[\"20261122t230000z-1\"]}";
    static final String NO_SNAPSHOTS = "{\"session\":\"session-1\",\"backups\":[],\"failure\":\"no repository\"}";
    static final String HEARTBEAT =
            "{\"epoch\":1,\"phase\":\"dumping\",\"detail\":\"shop\",\"bytes_in\":10,\"bytes_out\":5,"
                    + "\"estimated_bytes\":100,\"memory\":" + MEMORY + "}";
    static final String UPLOADS = "{\"epoch\":1,\"segments\":[{\"number\":0,\"artifact\":\"db-0001\",\"position\":0,"
            + "\"fingerprint\":\"" + "0f".repeat(32) + "\",\"bytes\":1000,\"sha256\":\"" + "0f".repeat(32)
            + "\",\"md5\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"share\":\"" + "A".repeat(43) + "\",\"body\":\""
            + "A".repeat(43)
            + "\"}]}";
    static final String RESULT = "{\"epoch\":1,\"engine_version\":\"17.1\",\"artifacts\":[{\"name\":\"db-0001\","
            + "\"type\":\"database\",\"source\":\"shop \\ud83d\\udc18\",\"plaintext_bytes\":5,\"mean_bytes\":524288,"
            + "\"segments\":1}],\"facts\":{\"shop.tables\":3}}";
    static final String FAILURE =
            "{\"epoch\":1,\"code\":\"DUMP_FAILED\",\"message\":\"it ended with 1\",\"hint\":\"look\","
                    + "\"live_data\":null}";

    private AgentBodies() {}
}
