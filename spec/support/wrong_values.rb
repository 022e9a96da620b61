# Values that no property of a job can have, for all of them: what JSON's types and edges have to offer, by the property's
# kind in properties_schema.json.

module WrongValues
  VALUES = {
    'integer' => ['x', '5', 1.5, -1, 10**9, true, [], {}, ''],
    'string' => [5, 1.5, true, [], ['x'], { 'a' => 1 }, '', "  \n"],
    'array' => [5, 'x', true, { 'a' => 1 }, [5], [[]]],
    'object' => [5, 'x', true, [], ['x']],
    'boolean' => ['true', 0, 1, 'yes', []],
    'enum' => ['anything', 5, true, [], {}]
  }.freeze

  BASES = {
    'backup-manager' => Properties::MANAGER_FULL,
    'backup-agent' => Properties::AGENT_FULL,
    'smoke-tests' => Properties.with(Properties::SMOKE_TESTS, 'smoke-tests.instance_id', 'shop-1'),
    'jvm-trusted-certs' => Properties::KEYSTORES,
    'apply-policies' => Properties::POLICIES
  }.freeze

  # Yields job, property, the wrong value, and all properties with it.
  def self.each
    BASES.each do |job, base|
      leaves(JOBS.fetch(job).schema).each do |name, schema|
        kind(schema).each { |value| yield job, name, value, Properties.with(base, name, value) }
      end
    end
  end

  def self.leaves(schema, path = [])
    name = path.join('.')
    return { name => schema } if JOBS.values.any? { |job| job.declared.key?(name) }

    schema.fetch('properties', {}).map { |key, each| leaves(each, [*path, key]) }.reduce({}, :merge)
  end

  def self.kind(schema)
    if schema['enum']
      values = schema['enum'].include?(true) ? VALUES['boolean'] : VALUES['enum']
      return values
    end
    VALUES.fetch(Array(schema['type']).first)
  end
end
