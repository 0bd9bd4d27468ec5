using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Rows;

namespace Autom8.Benchmarks.Security.Gate;

/// <summary>Tokens, bearer authentication, field encryption and rate limits beside Microsoft's; and what an audit entry costs.</summary>
internal static class SecurityGate
{
    public static Harness.Gate Create() =>
        new(
            "security",
            [
                new VerifiedTokenRow(),
                new ColdTokenRow(),
                new BearerRow(),
                new FieldRow(),
                new PageRow(),
                new LimiterRow(),
                new LimiterCostRow(),
                new AuditEntryRow(),
            ],
            SecurityBounds.All
        );
}
