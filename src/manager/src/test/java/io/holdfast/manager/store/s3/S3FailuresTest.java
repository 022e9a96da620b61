package io.holdfast.manager.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3FailuresTest {
    @Test
    void unknownKeyIsNoAbsentObjectThoughItsStatusIs404() {
        StoreException failure = S3Failures.translate(
                "read a",
                S3Exception.builder()
                        .statusCode(404)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("XAdminUserNotFound")
                                .errorMessage("No user exists with the provided access key ID.")
                                .build())
                        .build());

        assertThat(failure.kind()).isEqualTo(Kind.DENIED);
        assertThat(failure)
                .hasMessage(
                        "cannot read a: the store says XAdminUserNotFound, status 404: No user exists with the provided"
                                + " access key ID. (hint: check access_key, secret_key and region)");
    }
}
