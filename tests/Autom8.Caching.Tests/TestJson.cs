using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Autom8.Caching.Tests;

public sealed class Mutable
{
    public int Number { get; set; }
}

[ImmutableObject(true)]
public sealed record ImmutablePoint(int X, int Y);

[JsonSerializable(typeof(Mutable))]
[JsonSerializable(typeof(ImmutablePoint))]
internal sealed partial class TestJson : JsonSerializerContext;
