package io.holdfast.fuzz;

import java.util.List;

/** A reader with a fault behind six bytes, each of which is looked at only when those before it are right. */
final class PlantedFault implements Target {
    @Override
    public List<byte[]> seeds() {
        return List.of(new byte[] {'1', '2', '3', '4', '5', '6'});
    }

    @Override
    public boolean read(byte[] input) {
        if (input.length > 5 && input[0] == 'h') {
            if (input[1] == 'O') {
                if (input[2] == 'l') {
                    if (input[3] == (byte) 0xd7) {
                        if (input[4] == 'f' && input[5] % 7 == 3) {
                            throw new AssertionError("the planted fault");
                        }
                    }
                }
            }
        }
        return true;
    }

    @Override
    public long mostBytes(int length) {
        return Long.MAX_VALUE;
    }
}
