package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.StandingSession;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A client program that stays connected, for few small questions that are asked again and again. It ends with the first
 * query that fails. For one thread at a time.
 */
final class StandingClient implements StandingSession.Program {
    private final Product product;
    private final RunningProcess process;
    private final InputStream output;
    private final OutputStream input;
    private final StopSignal life;

    /**
     * One that was just started.
     *
     * @param process writes each answer, with its columns' names, as soon as it has it
     */
    StandingClient(Product product, RunningProcess process, StopSignal life) throws IOException {
        this.product = product;
        this.process = process;
        this.output = new BufferedInputStream(process.output());
        this.input = process.input();
        this.life = life;
        write(product.session());
    }

    /** Whose server it asks. */
    Product product() {
        return product;
    }

    /** Runs one query, of whose rows the values are known by their columns' names. */
    List<Map<String, String>> named(String query) throws IOException, InterruptedException {
        String mark = UUID.randomUUID().toString();
        // The last answer is a name and a value, which are the same.
        write(query + "\nSELECT '" + mark + "' AS '" + mark + "';\n");
        List<String> lines = new ArrayList<>();
        for (String line = line(); !mark.equals(line); line = line()) {
            lines.add(line);
        }
        line();
        return Client.named(Client.rows(lines));
    }

    /** Up to a line feed: the client writes carriage returns as they are. */
    private String line() throws IOException, InterruptedException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = read(); b != '\n'; b = read()) {
            if (b < 0) {
                ProcessEnd end = process.await();
                life.check();
                throw ServerError.failure(end, FailureCode.SERVICE_UNREACHABLE);
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private int read() {
        try {
            return output.read();
        } catch (IOException e) {
            return -1; // closed when the program was killed
        }
    }

    private void write(String sql) {
        try {
            input.write(sql.getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            // The program has ended: whoever reads its output learns why.
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
