namespace Autom8.AotSmoke;

/// <summary>A claim about the compiled program and the code that throws when it does not hold.</summary>
internal sealed record SmokeCheck(string Claim, Func<Task> RunAsync)
{
    /// <summary>Throws with the claim's own words when <paramref name="holds"/> is false.</summary>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
