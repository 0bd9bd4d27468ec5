using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Autom8.Contacts;

/// <summary>The instruments of the meter, and the spans of the activity source, <c>Autom8.Contacts</c>. No tag ever carries a value of a person.</summary>
internal static class ContactsMeter
{
    public const string Name = "Autom8.Contacts";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> CreatedCounter = Meter.CreateCounter<long>(
        "autom8.contacts.created",
        "{contact}",
        "Contacts that were created."
    );

    private static readonly Counter<long> UpdatedCounter = Meter.CreateCounter<long>(
        "autom8.contacts.updated",
        "{contact}",
        "Contacts that were changed."
    );

    private static readonly Counter<long> DeletedCounter = Meter.CreateCounter<long>(
        "autom8.contacts.deleted",
        "{contact}",
        "Contacts that were deleted."
    );

    private static readonly Counter<long> DecryptFailures = Meter.CreateCounter<long>(
        "autom8.contacts.decrypt.failures",
        "{contact}",
        "Contacts that could not be decrypted."
    );

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "autom8.contacts.import.refused",
        "{record}",
        "Records of imported files that were refused."
    );

    public static void Created(int count) => CreatedCounter.Add(count);

    public static void Updated() => UpdatedCounter.Add(1);

    public static void Deleted() => DeletedCounter.Add(1);

    public static void DecryptFailed() => DecryptFailures.Add(1);

    public static void ImportRefused() => Refused.Add(1);
}
