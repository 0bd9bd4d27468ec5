using Autom8.Security.Audit;
using Autom8.Storage;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Audit;

public sealed class AuditSealTests
{
    private static readonly AuditSeal Seal = new(Keyrings.New());

    private static readonly AuditRow Row = Seal.Seal(
        new AuditEntry("a.b", new AuditActor("ana", "r"), "thing", "1", "{}"),
        Keyrings.Start.AddTicks(10)
    );

    [Property(MaxTest = 500)]
    public bool A_seal_holds_for_no_other_row(string?[] texts, byte which)
    {
        // The texts of the row, some of them replaced by others, among them neighbours' values and nulls.
        string?[] own = [Row.Action, Row.User, Row.ResourceType, Row.ResourceId, Row.Details, Row.RequestId];
        string?[] pool = [.. own, null, "", .. texts];
        var columns = own.Select((text, i) => (which >> i & 1) == 1 ? pool[(which + i * 7) % pool.Length] : text).ToArray();
        var other = Row with
        {
            Action = columns[0] ?? "",
            User = columns[1] ?? "",
            ResourceType = columns[2] ?? "",
            ResourceId = columns[3],
            Details = columns[4],
            RequestId = columns[5],
        };
        return IsWellFormed(other) == false || Seal.Holds(other) == (other == Row);
    }

    [Fact]
    public void Text_moved_across_the_border_of_two_columns_breaks_the_seal()
    {
        var row = Row with { ResourceType = "contact", ResourceId = "12" };
        Assert.False(Seal.Holds(row));
        Assert.False(Seal.Holds(Row with { ResourceType = "thing1", ResourceId = "" }));
        Assert.False(Seal.Holds(Row with { ResourceId = null }));
        Assert.False(Seal.Holds(Row with { Timestamp = Row.Timestamp.AddMicroseconds(1) }));
        Assert.False(Seal.Holds(Row with { Id = AuditId.Create(Row.Timestamp) }));
        Assert.True(Seal.Holds(Row with { }));
    }

    [Fact]
    public void Another_keyring_does_not_accept_the_seal() => Assert.False(new AuditSeal(Keyrings.New()).Holds(Row));

    [Property]
    public bool Ids_rise_with_time_within_a_millisecond(uint first, uint later)
    {
        var a = Keyrings.Start.AddTicks(first % 1_000_000);
        var b = a.AddTicks(3 + later % 1_000_000);
        return string.CompareOrdinal(AuditId.Create(a).ToString(), AuditId.Create(b).ToString()) < 0
            && string.CompareOrdinal(AuditId.Floor(a.ToUnixTimeMilliseconds()).ToString(), AuditId.Create(a).ToString()) < 0
            && string.CompareOrdinal(AuditId.Floor(a.ToUnixTimeMilliseconds() + 1).ToString(), AuditId.Create(a).ToString()) > 0;
    }

    private static bool IsWellFormed(AuditRow row)
    {
        try
        {
            _ = Canonical.Utf8.GetByteCount(
                row.Action + "|" + row.User + "|" + row.ResourceType + "|" + row.ResourceId + "|" + row.Details + "|" + row.RequestId
            );
            return true;
        }
        catch (System.Text.EncoderFallbackException)
        {
            return false;
        }
    }
}
