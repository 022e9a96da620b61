package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbedStoreTest {
    @TempDir
    Path folder;

    @Test
    void whatThisReleaseDoesNotReadIsNoted() {
        try (TestPlans parts = new TestPlans(folder)) {
            ProbedStore before = new ProbedStore(parts.store, "v1/instances/");
            before.probe();
            assertThat(before.abilities().notes()).noneMatch(each -> each.contains("holdfast/1"));
            parts.store.put("v1/instances/shop-1/instance.json", new byte[] {1});
            ProbedStore after = new ProbedStore(parts.store, "v1/instances/");
            after.probe();
            assertThat(after.abilities().notes().getFirst()).contains("holdfast/1", "v1/instances/");
            assertThat(after.abilities().checksMd5())
                    .isEqualTo(before.abilities().checksMd5());
        }
    }
}
