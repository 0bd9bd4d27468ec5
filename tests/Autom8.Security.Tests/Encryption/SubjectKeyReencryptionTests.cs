using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Encryption;

/// <summary>A rotation wraps keys anew: on both engines, whenever it is interrupted.</summary>
public abstract class SubjectKeyReencryptionTests : IAsyncLifetime
{
    private const int Subjects = 25;
    private const int BatchSize = 4;

    private readonly Keyring _before = Keyrings.New();
    private readonly FakeTimeProvider _time = new(Keyrings.Start);
    private readonly Guid[] _subjects = [.. Enumerable.Range(1, Subjects).Select(i => new Guid(i, 0, 0, new byte[8]))];
    private readonly List<EncryptedField> _fields = [];
    private TestDatabase _database = null!;
    private ISubjectKeyStore _store = null!;
    private IReencryptionLog _log = null!;

    private protected abstract Task<(TestDatabase, ISubjectKeyStore, IReencryptionLog)> OpenAsync();

    public async Task InitializeAsync()
    {
        (_database, _store, _log) = await OpenAsync();
        var (keys, fields) = SubjectNodes.Over(_store, _before, _time);
        using var lease = keys.Create(_subjects);
        _fields.AddRange(_subjects.Select(subject => fields.Protect($"{subject}", Phone(subject))));
        await _database.InTransactionAsync(transaction => lease.SaveAsync(transaction));
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_rotation_rewraps_every_key_and_touches_no_field()
    {
        var after = Keyrings.Rotated(_before, KeyPurpose.FieldEncryption);
        await new SubjectKeysOf(_store, _time).ShredAsync(_subjects[3], _before);
        var mine = new SubjectKeyUsage(_store);
        Assert.Equal([Use(_before, Subjects - 1)], await mine.CountAsync());

        Assert.Equal(Subjects - 1, await Worker(after).RunAsync());

        Assert.Equal([Use(after, Subjects - 1)], await mine.CountAsync());
        await AssertReadableAsync(Keyrings.Rotated(after, KeyPurpose.FieldEncryption, KeyState.VerifyOnly), except: _subjects[3]);
        Assert.Equal(0, await Worker(after).RunAsync());
        var progress = Assert.Single(await Worker(after).ProgressAsync());
        Assert.Equal((1, Subjects - 1L, 0L, true), (progress.Passes, progress.Changed, progress.Failed, progress.CompletedAt is not null));
    }

    [Fact]
    public async Task A_crash_at_any_boundary_of_a_batch_resumes_there()
    {
        var keyring = _before;
        for (var crashAt = 0; crashAt < 2 * (Subjects / BatchSize); crashAt++)
        {
            keyring = Keyrings.Rotated(keyring, KeyPurpose.FieldEncryption);
            var crashing = new CrashingLog(_log, crashAt);

            await Assert.ThrowsAsync<AggregateException>(async () => await Worker(keyring, crashing).RunAsync());

            var left = (await new SubjectKeyUsage(_store).CountAsync())
                .Where(use => use.Key != keyring.Active(KeyPurpose.FieldEncryption).Id)
                .Sum(use => use.Rows);
            Assert.Equal(Subjects - (BatchSize * ((crashAt / 2) + 1)), left); // whole batches, and not one row less or more
            Assert.Equal(left, await Worker(keyring).RunAsync());
            Assert.Equal([Use(keyring, Subjects)], await new SubjectKeyUsage(_store).CountAsync());
            await AssertReadableAsync(keyring);
        }
    }

    [Fact]
    public async Task Two_nodes_at_once_leave_every_key_readable()
    {
        var keyring = _before;
        for (var round = 0; round < 5; round++)
        {
            keyring = Keyrings.Rotated(keyring, KeyPurpose.FieldEncryption);
            await Task.WhenAll(Task.Run(() => Worker(keyring).RunAsync().AsTask()), Task.Run(() => Worker(keyring).RunAsync().AsTask()));
            _time.Advance(TimeSpan.FromHours(2));
            await Worker(keyring).RunAsync(); // the second pass finds what the two left to each other
            Assert.Equal([Use(keyring, Subjects)], await new SubjectKeyUsage(_store).CountAsync());
            await AssertReadableAsync(keyring);
        }
    }

    [Fact]
    public async Task What_a_node_wraps_with_the_former_key_behind_the_worker_is_found_by_the_second_pass()
    {
        var after = Keyrings.Rotated(_before, KeyPurpose.FieldEncryption);
        await Worker(after).RunAsync();
        var late = new Guid(1, 1, 1, new byte[8]);
        var (keys, _) = SubjectNodes.Over(_store, _before, _time);
        using var lease = keys.Create([late]);
        await _database.InTransactionAsync(transaction => lease.SaveAsync(transaction));

        Assert.Equal(0, await Worker(after).RunAsync());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await Worker(after).RunAsync());
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await Worker(after).RunAsync());
        Assert.Equal(2, Assert.Single(await Worker(after).ProgressAsync()).Passes);
    }

    private ReencryptionWorker Worker(Keyring keyring, IReencryptionLog? log = null) =>
        new(
            [new SubjectKeyReencryption(_store, new SubjectKeyWrapper(keyring))],
            log ?? _log,
            new ReencryptionOptions { BatchSize = BatchSize, Pause = TimeSpan.Zero },
            _time,
            NullLogger.Instance
        );

    private async Task AssertReadableAsync(Keyring keyring, Guid? except = null)
    {
        var (keys, fields) = SubjectNodes.Over(_store, keyring, _time);
        using var lease = await keys.ReadAsync(_subjects);
        for (var i = 0; i < _subjects.Length; i++)
        {
            if (_subjects[i] != except)
            {
                Assert.Equal($"{_subjects[i]}", fields.Unprotect(_fields[i], Phone(_subjects[i])));
            }
        }
    }

    private static KeyUse Use(Keyring keyring, long rows) =>
        new(KeyPurpose.FieldEncryption, keyring.Active(KeyPurpose.FieldEncryption).Id, "subject_key", rows);

    private static FieldContext Phone(Guid subject) => new("contact", "phone_encrypted", subject, subject);

    private sealed class SubjectKeysOf(ISubjectKeyStore store, TimeProvider time)
    {
        public async Task ShredAsync(Guid subject, Keyring keyring)
        {
            var (keys, _) = SubjectNodes.Over(store, keyring, time);
            await keys.ShredAsync(subject);
        }
    }

    /// <summary>The process dies before (even) or after (odd) the n-th progress is written.</summary>
    private sealed class CrashingLog(IReencryptionLog log, int crashAt) : IReencryptionLog
    {
        private int writes;

        public ValueTask<ReencryptionProgress?> ReadAsync(string name, CancellationToken cancellationToken) =>
            log.ReadAsync(name, cancellationToken);

        public async ValueTask WriteAsync(ReencryptionProgress progress, CancellationToken cancellationToken)
        {
            var isLast = writes++ == crashAt / 2;
            if (isLast && crashAt % 2 == 0)
            {
                throw new IOException("killed");
            }

            await log.WriteAsync(progress, cancellationToken);
            if (isLast)
            {
                throw new IOException("killed");
            }
        }
    }
}

public sealed class SqliteSubjectKeyReencryptionTests : SubjectKeyReencryptionTests
{
    private protected override Task<(TestDatabase, ISubjectKeyStore, IReencryptionLog)> OpenAsync()
    {
        var database = new SqliteTestDatabase();
        return Task.FromResult<(TestDatabase, ISubjectKeyStore, IReencryptionLog)>(
            (database, new SqliteSubjectKeyStore(database.Database), new SqliteReencryptionLog(database.Database))
        );
    }
}

public sealed class PostgreSqlSubjectKeyReencryptionTests : SubjectKeyReencryptionTests
{
    private protected override async Task<(TestDatabase, ISubjectKeyStore, IReencryptionLog)> OpenAsync()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        return (database, new PostgreSqlSubjectKeyStore(database.Database), new PostgreSqlReencryptionLog(database.Database));
    }
}
