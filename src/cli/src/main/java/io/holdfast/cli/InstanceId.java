package io.holdfast.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** The id of an instance, which is safe to be a part of an address. */
record InstanceId(String text) {
    /** What a field holds before the command line is read. */
    static final InstanceId UNSET = new InstanceId("");

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    static InstanceId parse(String text) {
        if (!SHAPE.matcher(text).matches()) {
            throw new TypeConversionException("an instance's id is 1 to 128 letters, digits, dots, dashes and"
                    + " underscores, and begins with a letter or a digit");
        }
        return new InstanceId(text);
    }

    /** The path of the instance in the API. */
    String path() {
        return "/instances/" + text;
    }

    String backup(long number) {
        return path() + "/backups/" + number;
    }

    String restore(long number) {
        return path() + "/restores/" + number;
    }

    @Override
    public String toString() {
        return text;
    }
}
