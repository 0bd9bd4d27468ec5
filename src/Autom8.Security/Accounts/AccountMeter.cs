using System.Diagnostics.Metrics;

namespace Autom8.Security.Accounts;

/// <summary>Counts sign-ins on the meter <c>Autom8.Security</c>.</summary>
internal static class AccountMeter
{
    private static readonly Meter Meter = new("Autom8.Security");

    private static readonly Counter<long> SignIns = Meter.CreateCounter<long>(
        "autom8.security.sign_ins",
        "{attempt}",
        "Sign-ins and the current passwords of password changes, by outcome."
    );

    public static void Attempted(AttemptOutcome outcome) =>
        SignIns.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    private static readonly Counter<long> Refreshes = Meter.CreateCounter<long>(
        "autom8.security.refreshes",
        "{token}",
        "Refresh tokens issued and presented, by outcome."
    );

    public static void Refreshed(RefreshResult result) => Refreshed(result.GetType().Name);

    public static void Refreshed(string outcome) => Refreshes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static readonly Counter<long> Keys = Meter.CreateCounter<long>(
        "autom8.security.api_keys",
        "{key}",
        "API keys and app passwords presented, by outcome."
    );

    public static void KeyPresented(string outcome) => Keys.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
