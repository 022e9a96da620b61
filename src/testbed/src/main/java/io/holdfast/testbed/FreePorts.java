package io.holdfast.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1 for servers that start somewhat later. They are not of those that the kernel gives to outgoing
 * connections (from 32768 on, Linux' {@code ip_local_port_range}): such a one may be taken when the server comes to it. May
 * be used by any thread.
 */
public final class FreePorts {
    private static final int FIRST = 10_000;
    private static final int END = 32_000;
    private static final int TRIES = 1_000;

    private FreePorts() {}

    /** A port that nobody has now. */
    public static int one() {
        return row(1);
    }

    /** The first of so many ports, one after the other, that nobody has now. */
    public static int row(int length) {
        for (int tries = 0; tries < TRIES; tries++) {
            int first = ThreadLocalRandom.current().nextInt(FIRST, END - length);
            int free = 0;
            while (free < length && isFree(first + free)) {
                free++;
            }
            if (free == length) {
                return first;
            }
        }
        throw new IllegalStateException("no free ports of 127.0.0.1 from " + FIRST + " to " + END);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false; // it is somebody's
        }
    }
}
