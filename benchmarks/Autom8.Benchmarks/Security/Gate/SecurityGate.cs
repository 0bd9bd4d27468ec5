using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Rows;

namespace Autom8.Benchmarks.Security.Gate;

/// <summary>Tokens, bearer authentication and rate limits beside Microsoft's.</summary>
internal static class SecurityGate
{
    public static Harness.Gate Create() =>
        new(
            "security",
            [new VerifiedTokenRow(), new ColdTokenRow(), new BearerRow(), new LimiterRow(), new LimiterCostRow()],
            SecurityBounds.All
        );
}
