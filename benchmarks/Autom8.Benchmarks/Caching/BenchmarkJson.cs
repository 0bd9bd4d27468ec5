using System.Text.Json.Serialization;

namespace Autom8.Benchmarks.Caching;

[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(PlainProduct))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
