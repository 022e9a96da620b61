package io.holdfast.testbed.hostile;

import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * The crowd, a process of its own: opens connections at an even pace, of every kind in turn, to both listeners, as nobody
 * and as somebody who is known. Says every second how many it has opened and how many are open, and how it ended at the
 * end of its standard input.
 */
public final class Crowd {
    private static final int ADDRESSES = 50;

    private final int port;
    private final int agentsPort;
    private final String credentials;
    private final SSLContext nobody;
    private final SSLContext agent;
    private final List<Kind> kinds =
            Arrays.stream(Attack.values()).map(Kind::new).toList();
    private final AtomicInteger unreachable = new AtomicInteger();

    /** How connections have ended. */
    private final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();

    /** How many connections of a kind there were, and how many of them have ended. */
    private record Kind(Attack attack, AtomicInteger opened, AtomicInteger closed) {
        Kind(Attack attack) {
            this(attack, new AtomicInteger(), new AtomicInteger());
        }
    }

    private Crowd(List<String> arguments) throws IOException {
        KeyStore keys = Certificates.readKeyStore(Path.of(arguments.get(0)));
        port = Integer.parseInt(arguments.get(1));
        agentsPort = Integer.parseInt(arguments.get(2));
        credentials = System.getenv("CROWD_CREDENTIALS") + "\r\n";
        agent = Certificates.clientContext(keys);
        try {
            keys.deleteEntry("client");
        } catch (KeyStoreException e) {
            throw new IllegalStateException(e);
        }
        nobody = Certificates.clientContext(keys);
    }

    /**
     * Runs it.
     *
     * @param arguments a keystore with an agent's certificate, the operators' port, the agents' port, how many connections, and how many
     *     a second
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Crowd crowd = new Crowd(List.of(arguments));
        crowd.open(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        while (System.in.read() >= 0) {
            // Until whoever started it has enough.
        }
        crowd.say();
        crowd.ends.forEach((how, often) -> System.err.println(often + " " + how));
        System.exit(0);
    }

    private void open(int connections, int eachSecond) throws InterruptedException {
        Semaphore pace = new Semaphore(0);
        long begin = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            Kind kind = kinds.get(i % kinds.size());
            int number = i / kinds.size();
            Thread.startVirtualThread(() -> attack(kind, number));
            long wait = begin + (i + 1) * 1_000_000_000L / eachSecond - System.nanoTime();
            if (wait > 0) {
                boolean _ = pace.tryAcquire(wait, TimeUnit.NANOSECONDS);
            }
            if (i % eachSecond == 0) {
                say();
            }
        }
        while (opened() + unreachable.get() < connections) {
            Thread.sleep(100);
        }
        say();
        System.out.println("all");
    }

    private int opened() {
        return kinds.stream().mapToInt(each -> each.opened().get()).sum();
    }

    private void say() {
        int all = 0;
        int open = 0;
        StringBuilder each = new StringBuilder();
        for (Kind kind : kinds) {
            int its = kind.opened().get();
            int still = its - kind.closed().get();
            all += its;
            open += still;
            each.append(' ')
                    .append(kind.attack())
                    .append('=')
                    .append(its)
                    .append('/')
                    .append(still);
        }
        System.out.println("opened=" + all + " open=" + open + " unreachable=" + unreachable.get() + each);
    }

    private void attack(Kind kind, int number) {
        boolean atAgents = number % 2 == 1;
        boolean known = number / 2 % 2 == 1;
        // Half of them come from where operators and agents come from.
        String from = number / 4 % 2 == 0 ? "127.0.0.1" : "127.0.1." + (1 + number / 8 % ADDRESSES);
        int itsPort = atAgents ? agentsPort : port;
        SSLContext tls = atAgents && known ? agent : nobody;
        String who = known && !atAgents ? credentials : "";
        Attack.Attacker attacker = new Attack.Attacker() {
            @Override
            public Socket connect() throws IOException {
                Socket socket = Attack.connected(from, itsPort);
                kind.opened().getAndIncrement();
                return socket;
            }

            @Override
            public SSLSocket handshaken() throws IOException {
                return Attack.handshaken(tls, connect());
            }

            @Override
            public String post(long length) {
                String path = atAgents ? "/agent/v1/hello" : known ? "/backup_agent/backup" : "/login";
                return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + who
                        + "Content-Length: " + length + "\r\n\r\n";
            }

            @Override
            public String waiting() {
                if (atAgents) {
                    String claim = "{\"session\":\"none\",\"wait_seconds\":300,\"memory\":{\"resident_bytes\":1,"
                            + "\"resident_with_children_bytes\":1,\"heap_bytes\":1,\"direct_bytes\":1}}";
                    return "POST /agent/v1/claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + claim.length() + "\r\n\r\n" + claim;
                }
                return "GET /instances/hostile/events HTTP/1.1\r\nHost: x\r\n" + who + "\r\n";
            }
        };
        try {
            kind.attack().run(attacker);
        } catch (ConnectException e) {
            unreachable.incrementAndGet();
            return;
        } catch (IOException e) {
            // It was closed: that is what it is for.
            ends.computeIfAbsent(kind.attack() + ": " + e, _ -> new AtomicInteger())
                    .incrementAndGet();
        }
        kind.closed().getAndIncrement();
    }
}
