#!/usr/bin/env bash
# AWS SDK for Java 2.57.8: with a clock that is 20 minutes slow, an S3Client works, and all addresses that an S3Presigner of the
# same JVM makes afterwards are refused.
#
# Seen on 30 November 2026, against S3Proxy 4.1.0: the client's first request is refused with 403 RequestTimeTooSkewed, which
# the SDK keeps to itself: it learns the difference from the answer's Date, signs anew, and getObject ends well; so does each
# later call. The presigner is never told: X-Amz-Date in its address is still the machine's time, and a GET of that address,
# which is meant to be good for 10 minutes, is 403. So a service that only hands out addresses passes every check of its own
# store, and none of its users gets through. A clock that is right signs an address that works.
#
# Ends with 0 when it is still so. Needs a JDK (17 or newer), Maven, curl, and dpkg for Debian's libfaketime; a minute, and 100 MB
# in a temporary folder, which is removed.
set -euo pipefail

sdk=2.57.8 s3proxy=4.1.0
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT
cd "$work"

apt-get -qq download libfaketime >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
dpkg -x libfaketime_*.deb "$work/faketime"
faketime=$(echo "$work"/faketime/usr/lib/*/faketime/libfaketime.so.1)

dependency() { echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version>${4:-}</dependency>"; }
excluded=
for group in com.google.cloud io.grpc com.azure com.github.openstack4j.core com.github.openstack4j.core.connectors; do
  excluded+="<exclusion><groupId>$group</groupId><artifactId>*</artifactId></exclusion>"
done
for part in client server; do
  mkdir "$part"
  [ "$part" = client ] &&
    wanted=$(dependency software.amazon.awssdk s3 $sdk)$(dependency software.amazon.awssdk url-connection-client $sdk) ||
    wanted=$(dependency org.gaul s3proxy $s3proxy "<exclusions>$excluded</exclusions>")
  cat >"$part/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>$part</artifactId><version>1</version><dependencies>$wanted</dependencies></project>
POM
  mvn -q -B -f "$part/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work/$part/lib" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2 && exit 1; }
done

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p objects/bucket
echo there >objects/bucket/object
cat >server.properties <<PROPERTIES
s3proxy.endpoint=http://127.0.0.1:$port
s3proxy.authorization=aws-v4
s3proxy.identity=finding
s3proxy.credential=finding-secret
s3proxy.ignore-unknown-headers=true
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=$work/objects
PROPERTIES
java -cp "server/lib/*" org.gaul.s3proxy.Main --properties server.properties >server.log 2>&1 &
server=$!
for _ in $(seq 300); do
  ! curl -s -o /dev/null "http://127.0.0.1:$port/" || break
  sleep 0.1
done

cat >Clock.java <<'JAVA'
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

class Clock {
    public static void main(String[] arguments) {
        URI endpoint = URI.create(arguments[0]);
        var key = StaticCredentialsProvider.create(AwsBasicCredentials.create("finding", "finding-secret"));
        AtomicInteger sent = new AtomicInteger();
        S3Client client = S3Client.builder().endpointOverride(endpoint).region(Region.US_EAST_1).forcePathStyle(true)
                .credentialsProvider(key).httpClient(UrlConnectionHttpClient.create())
                .overrideConfiguration(all -> all.addExecutionInterceptor(new ExecutionInterceptor() {
                    @Override
                    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
                        sent.incrementAndGet();
                    }
                })).build();
        for (String call : new String[] {"first", "second"}) {
            sent.set(0);
            String object = client.getObjectAsBytes(get -> get.bucket("bucket").key("object")).asUtf8String().strip();
            System.out.println(call + " " + object + " " + sent.get());
        }
        try (S3Presigner presigner = S3Presigner.builder().endpointOverride(endpoint).region(Region.US_EAST_1)
                .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .credentialsProvider(key).build()) {
            System.out.println(presigner.presignGetObject(presign -> presign.signatureDuration(Duration.ofMinutes(10))
                    .getObjectRequest(get -> get.bucket("bucket").key("object"))).url());
        }
    }
}
JAVA
javac -cp "client/lib/*" Clock.java
run() { java -cp ".:client/lib/*" Clock "http://127.0.0.1:$port" 2>client.log; }
answer() { curl -s -o /dev/null -w '%{http_code}' "$(tail -n 1 <<<"$1")"; }

right=$(run)
wrong=$(LD_PRELOAD=$faketime FAKETIME=-20m DONT_FAKE_MONOTONIC=1 run)
echo "clock right:        getObject $(sed -n 's/^first //p' <<<"$right") request; presigned GET $(answer "$right")"
echo "20 minutes slow:    getObject $(sed -n 's/^first //p' <<<"$wrong") requests, then $(sed -n 's/^second //p' <<<"$wrong");" \
  "presigned GET $(answer "$wrong")"
if ! [[ $right == *'first there 1'* && $wrong == *'first there 2'* && $wrong == *'second there 1'* &&
  $(answer "$right") == 200 && $(answer "$wrong") == 403 ]]; then
  cat client.log >&2
  echo "it is not so any more" >&2
  exit 1
fi
