package io.holdfast.cli.manager;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;

/**
 * The addresses of a backup's files, a page at a time. They are good for some time only: whoever finds that they are not any more
 * asks for the page again. May be used by several threads.
 */
public final class DownloadPages {
    private final ManagerClient manager;
    private final String path;

    /**
     * Makes it.
     *
     * @param path of the backup, such as {@code /instances/shop-1/backups/7}
     */
    public DownloadPages(ManagerClient manager, String path) {
        this.manager = manager;
        this.path = path + "/download";
    }

    /** One page, and how often it was asked for. */
    public final class Page {
        private final long number;
        private Download now;
        private int asked = 1;

        private Page(long number) throws InterruptedException {
            this.number = number;
            this.now = ask();
        }

        /** The files as the manager gave them last. */
        public synchronized Download now() {
            return now;
        }

        /** How often the manager was asked until now. */
        public synchronized int asked() {
            return asked;
        }

        /** Asks the manager again, unless somebody else has done so since the caller's was given. */
        public synchronized Download again(int before) throws InterruptedException {
            if (asked == before) {
                now = ask();
                asked++;
            }
            return now;
        }

        private Download ask() throws InterruptedException {
            // The first one is what managers without pages answer too.
            Download download =
                    manager.get(number == 0 ? path : path + "?page=" + number).as(Download.class);
            Long next = download.nextPage();
            if (next != null && next != number + 1) {
                throw new Failure(
                        ExitCode.MANAGER_ERROR, "UnexpectedResponse", "page " + next + " follows page " + number, null);
            }
            return download;
        }
    }

    /** A page, from 0. */
    public Page page(long number) throws InterruptedException {
        return new Page(number);
    }
}
