package io.holdfast.fuzz;

import java.util.List;

/** Something that reads what comes from outside. Used by one thread. */
interface Target {
    /** Inputs made from real objects, each of which is read whole. Fuzzing begins with them. */
    List<byte[]> seeds() throws Exception;

    /**
     * Reads an input, and checks what has to hold of what was read.
     *
     * @return whether it was read; false when it was refused as documented
     * @throws Exception when it was refused in any other way
     * @throws AssertionError when what was read is not right
     */
    boolean read(byte[] input) throws Exception;

    /** The most bytes that may be allocated while reading an input of this length. Not counted: what another thread does. */
    long mostBytes(int length);
}
