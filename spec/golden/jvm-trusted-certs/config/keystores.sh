keystore false changeit /var/vcap/packages/openjdk-21/lib/security/cacerts 
