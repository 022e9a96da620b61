package io.holdfast.fuzz;

/** All that is fuzzed. */
enum Targets {
    MANIFEST {
        @Override
        Target make() {
            return SignedDocuments.manifests();
        }
    },
    INSTANCE_RECORD {
        @Override
        Target make() {
            return SignedDocuments.instanceRecords();
        }
    },
    AGE_HEADER {
        @Override
        Target make() throws Exception {
            return new AgeHeaders();
        }
    },
    AGE_STREAM {
        @Override
        Target make() throws Exception {
            return new AgeStreams();
        }
    },
    AGE_KEY {
        @Override
        Target make() {
            return new AgeKeys();
        }
    },
    ZSTD_FRAMES {
        @Override
        Target make() {
            return new ZstdFrames();
        }
    },
    SEGMENT_LIST {
        @Override
        Target make() {
            return new SegmentLists();
        }
    },
    OPERATORS_API {
        @Override
        Target make() throws Exception {
            return ApiCalls.ofOperators();
        }
    },
    AGENTS_API {
        @Override
        Target make() throws Exception {
            return ApiCalls.ofAgents();
        }
    },
    /** A fault that only guidance finds. */
    PLANTED {
        @Override
        Target make() {
            return new PlantedFault();
        }
    };

    /** A new one. */
    abstract Target make() throws Exception;
}
