using FsCheck.Xunit;
using Microsoft.Data.Sqlite;

namespace Autom8.Storage.Tests.Sqlite;

public sealed class SqliteValuesTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");

    public SqliteValuesTests() => _connection.Open();

    [Property]
    public void What_is_bound_is_what_is_read(Guid id, DateTimeOffset instant, byte[] bytes, long? number, bool truth)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "select ?1, ?2, ?3, ?4, ?5, ?6, ?7";
        command.Bind(1, id).Bind(2, instant).Bind(3, bytes).Bind(4, number).Bind(5, truth).Bind(6, (string?)null).Bind(7, (Guid?)null);
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(id, reader.GetGuidBlob(0));
        Assert.Equal(instant.ToMicroseconds(), reader.GetTimestamp(1));
        Assert.Equal(bytes, reader.GetBlob(2));
        Assert.Equal(number, reader.IsDBNull(3) ? null : reader.GetInt64(3));
        Assert.Equal(truth, reader.GetBoolean(4));
        Assert.Null(reader.GetStringOrNull(5));
        Assert.Null(reader.GetGuidBlobOrNull(6));
    }

    [Property]
    public void Instants_sort_in_the_database_as_they_do_in_time(DateTimeOffset a, DateTimeOffset b) =>
        Assert.Equal(
            Math.Sign(a.ToMicroseconds().CompareTo(b.ToMicroseconds())),
            Math.Sign(a.ToUnixMicroseconds().CompareTo(b.ToUnixMicroseconds()))
        );

    [Fact]
    public void Identifiers_made_later_sort_later()
    {
        var early = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(1));
        var late = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(2));
        using var command = _connection.CreateCommand();
        command.CommandText = "select ?1 < ?2";
        Assert.Equal(1L, command.Bind(1, early).Bind(2, late).ExecuteScalar());
    }

    public void Dispose() => _connection.Dispose();
}
