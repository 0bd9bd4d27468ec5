using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Storage;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Audit;

public sealed class AuditRowMacTests
{
    private static readonly AuditRowMac Mac = New();

    private static readonly AuditRow Row = Mac.Create(
        new AuditEntry("a.b", new AuditActor("ana", "r"), "thing", "1", "{}"),
        Keyrings.Start.AddTicks(10)
    );

    [Property(MaxTest = 500)]
    public bool A_MAC_holds_for_no_other_row(string?[] texts, byte which)
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
        return IsWellFormed(other) == false || Holds(other) == (other == Row);
    }

    [Fact]
    public void Text_moved_across_the_border_of_two_columns_breaks_the_MAC()
    {
        var row = Row with { ResourceType = "contact", ResourceId = "12" };
        Assert.False(Holds(row));
        Assert.False(Holds(Row with { ResourceType = "thing1", ResourceId = "" }));
        Assert.False(Holds(Row with { ResourceId = null }));
        Assert.False(Holds(Row with { Timestamp = Row.Timestamp.AddMicroseconds(1) }));
        Assert.False(Holds(Row with { Id = AuditId.Create(Row.Timestamp) }));
        Assert.False(Holds(Row with { Subject = Guid.Empty }));
        Assert.False(Holds(Row with { Personal = [] }));
        Assert.True(Holds(Row with { }));
    }

    [Fact]
    public void Another_keyring_does_not_know_the_key() => Assert.Equal(AuditRowState.UnknownKey, New().Judge(Row));

    [Property]
    public bool Ids_rise_with_time_within_a_millisecond(uint first, uint later)
    {
        var a = Keyrings.Start.AddTicks(first % 1_000_000);
        var b = a.AddTicks(3 + later % 1_000_000);
        return string.CompareOrdinal(AuditId.Create(a).ToString(), AuditId.Create(b).ToString()) < 0
            && string.CompareOrdinal(AuditId.Floor(a.ToUnixTimeMilliseconds()).ToString(), AuditId.Create(a).ToString()) < 0
            && string.CompareOrdinal(AuditId.Floor(a.ToUnixTimeMilliseconds() + 1).ToString(), AuditId.Create(a).ToString()) > 0;
    }

    private static AuditRowMac New()
    {
        var keyring = Keyrings.New();
        return new AuditRowMac(new AuditKeys(keyring), new AuditPersonal(new FieldProtector(keyring), keys: null));
    }

    private static bool Holds(AuditRow row) => Mac.Judge(row) == AuditRowState.Authentic;

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
