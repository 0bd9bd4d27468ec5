using System.Text.Json.Serialization;

namespace Autom8.Benchmarks.Scheduling.Contenders;

/// <summary>What the jobs of all contenders are given, as JSON.</summary>
internal sealed record Letter(int Number, string To, string Template)
{
    public static Letter Of(int number) => new(number, "ada@example.com", "welcome");
}

[JsonSerializable(typeof(Letter))]
internal sealed partial class LetterJson : JsonSerializerContext;
