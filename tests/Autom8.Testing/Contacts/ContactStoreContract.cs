using Autom8.Contacts.Storage;
using Autom8.Security.Encryption;

namespace Autom8.Testing.Contacts;

/// <summary>What every store of contacts promises. Each engine derives a class and runs it on a fresh database.</summary>
public abstract class ContactStoreContract
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);
    private static readonly ContactWriteHook NoHook = static (_, _) => ValueTask.CompletedTask;
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract IContactStore Store { get; }

    /// <summary>How many rows of the table of blind indexes belong to a contact.</summary>
    protected abstract ValueTask<long> CountLookupsAsync(Guid id);

    /// <summary>The personal columns as they stand, tombstones included: name, phone, email, details, then the version and whether it is deleted.</summary>
    protected abstract ValueTask<(string Name, bool AnyCiphertext, long Version, bool Deleted)> RawAsync(Guid id);

    [Fact]
    public async Task What_was_added_is_read_back_whole()
    {
        var full = New("José Ωmega 山田", version: 7) with { UpdatedAt = Start.AddTicks(10) };
        var bare = New("") with { PhoneEncrypted = null, EmailEncrypted = null, DetailsEncrypted = null };

        await AddAsync(full);
        await AddAsync(bare);

        AssertSame(full, await Store.GetAsync(full.Id, None));
        AssertSame(bare, await Store.GetAsync(bare.Id, None));
        Assert.Null(await Store.GetAsync(Guid.CreateVersion7(Start), None));
    }

    [Fact]
    public async Task A_composed_and_a_decomposed_name_are_kept_as_they_were_written()
    {
        var composed = New("Am\u00E9lie");
        var decomposed = New("Ame\u0301lie");

        await AddAsync(composed, decomposed);

        Assert.Equal("Am\u00E9lie", (await Store.GetAsync(composed.Id, None))!.Name);
        Assert.Equal("Ame\u0301lie", (await Store.GetAsync(decomposed.Id, None))!.Name);
    }

    [Fact]
    public async Task A_batch_goes_in_whole_or_not_at_all()
    {
        var present = New("present");
        await AddAsync(present);
        var batch = new[] { New("a"), New("b"), present };

        await Assert.ThrowsAnyAsync<Exception>(() => AddAsync(batch));

        Assert.Null(await Store.GetAsync(batch[0].Id, None));
        Assert.Null(await Store.GetAsync(batch[1].Id, None));
        Assert.Single(await Store.ListAsync(null, 10, None));
    }

    [Fact]
    public async Task A_hook_sees_an_open_transaction_and_its_failure_undoes_an_add()
    {
        var row = New("x");
        var open = false;

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Store
                .AddManyAsync(
                    [new ContactRow(row, [Lookup(ContactLookupKind.Email, 1)])],
                    (transaction, _) =>
                    {
                        open = transaction.Connection is { State: System.Data.ConnectionState.Open };
                        throw new InvalidOperationException("the audit log is full");
                    },
                    None
                )
                .AsTask()
        );

        Assert.True(open);
        Assert.Null(await Store.GetAsync(row.Id, None));
        Assert.Equal(0, await CountLookupsAsync(row.Id));
        Assert.Empty(await Store.FindAsync(ContactLookupKind.Email, [Fingerprint(1)], null, 10, None));
    }

    [Fact]
    public async Task A_failing_hook_undoes_an_update_and_a_delete()
    {
        var row = New("before");
        await Store.AddManyAsync([new ContactRow(row, [Lookup(ContactLookupKind.Phone, 1)])], NoHook, None);
        ContactWriteHook failing = static async (_, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("the audit log is full");
        };
        var changed = new ContactRow(row with { Name = "after", Version = 2 }, [Lookup(ContactLookupKind.Phone, 2)]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.UpdateAsync(changed, 1, failing, None).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.DeleteAsync(row.Id, null, Start, failing, None).AsTask());

        AssertSame(row, await Store.GetAsync(row.Id, None));
        Assert.Single(await Store.FindAsync(ContactLookupKind.Phone, [Fingerprint(1)], null, 10, None));
        Assert.Empty(await Store.FindAsync(ContactLookupKind.Phone, [Fingerprint(2)], null, 10, None));
    }

    [Fact]
    public async Task An_update_replaces_the_row_and_its_lookups_but_not_its_creation()
    {
        var row = New("before");
        await Store.AddManyAsync(
            [new ContactRow(row, [Lookup(ContactLookupKind.Phone, 1), Lookup(ContactLookupKind.Email, 2)])],
            NoHook,
            None
        );
        var changed = New("after", version: 2) with { Id = row.Id, CreatedAt = Start.AddYears(1), UpdatedAt = Start.AddDays(1) };

        var result = await Store.UpdateAsync(new ContactRow(changed, [Lookup(ContactLookupKind.Phone, 3)]), 1, NoHook, None);

        Assert.Equal(new ContactWriteResult(ContactWriteStatus.Written, 2), result);
        AssertSame(changed with { CreatedAt = row.CreatedAt }, await Store.GetAsync(row.Id, None));
        Assert.Empty(await Store.FindAsync(ContactLookupKind.Phone, [Fingerprint(1)], null, 10, None));
        Assert.Empty(await Store.FindAsync(ContactLookupKind.Email, [Fingerprint(2)], null, 10, None));
        Assert.Single(await Store.FindAsync(ContactLookupKind.Phone, [Fingerprint(3)], null, 10, None));
    }

    [Fact]
    public async Task A_stale_or_unknown_version_is_told_apart_from_a_missing_row_and_runs_no_hook()
    {
        var row = New("x", version: 5);
        await AddAsync(row);
        ContactWriteHook forbidden = static (_, _) => throw new InvalidOperationException("nothing was written");

        var stale = await Store.UpdateAsync(new ContactRow(row with { Version = 5 }, []), 4, forbidden, None);
        var staleDelete = await Store.DeleteAsync(row.Id, 6, Start, forbidden, None);
        var missing = await Store.UpdateAsync(new ContactRow(New("y"), []), 1, forbidden, None);
        var missingDelete = await Store.DeleteAsync(Guid.CreateVersion7(Start), null, Start, forbidden, None);

        Assert.Equal(new ContactWriteResult(ContactWriteStatus.VersionConflict, 5), stale);
        Assert.Equal(new ContactWriteResult(ContactWriteStatus.VersionConflict, 5), staleDelete);
        Assert.Equal(new ContactWriteResult(ContactWriteStatus.NotFound, 0), missing);
        Assert.Equal(new ContactWriteResult(ContactWriteStatus.NotFound, 0), missingDelete);
        AssertSame(row, await Store.GetAsync(row.Id, None));
    }

    [Fact]
    public async Task Of_eight_updaters_exactly_one_wins_each_version()
    {
        const int Rounds = 12;
        var row = New("contested");
        await AddAsync(row);
        var winners = new System.Collections.Concurrent.ConcurrentBag<(long Version, string Name)>();

        async Task Update(int updater)
        {
            for (var version = 1L; version <= Rounds; version++)
            {
                var name = $"updater {updater}";
                var mine = new ContactRow(row with { Name = name, Version = version + 1 }, [Lookup(ContactLookupKind.Email, updater)]);
                var result = await Store.UpdateAsync(mine, version, NoHook, None);
                // Whoever loses goes on from the version that is there, so that all meet again.
                Assert.True(result.Version > version || result.Status == ContactWriteStatus.Written);
                if (result.Status == ContactWriteStatus.Written)
                {
                    winners.Add((version, name));
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(updater => Task.Run(() => Update(updater))));

        Assert.Equal(Enumerable.Range(1, Rounds).Select(v => (long)v), winners.Select(w => w.Version).Order());
        var final = await Store.GetAsync(row.Id, None);
        Assert.Equal(Rounds + 1, final!.Version);
        Assert.Equal(winners.Single(w => w.Version == Rounds).Name, final.Name);
        Assert.Equal(1, await CountLookupsAsync(row.Id));
    }

    [Fact]
    public async Task A_tombstone_keeps_nothing_personal()
    {
        var row = New("Secret Name");
        await Store.AddManyAsync(
            [new ContactRow(row, [Lookup(ContactLookupKind.Phone, 1), Lookup(ContactLookupKind.Email, 2)])],
            NoHook,
            None
        );

        var result = await Store.DeleteAsync(row.Id, 1, Start.AddDays(1), NoHook, None);

        Assert.Equal(new ContactWriteResult(ContactWriteStatus.Written, 2), result);
        Assert.Equal(("", false, 2L, true), await RawAsync(row.Id));
        Assert.Equal(0, await CountLookupsAsync(row.Id));
        Assert.Null(await Store.GetAsync(row.Id, None));
        Assert.Empty(await Store.ListAsync(null, 10, None));
        Assert.Empty(await Store.FindAsync(ContactLookupKind.Phone, [Fingerprint(1)], null, 10, None));
    }

    [Fact]
    public async Task A_tombstone_is_neither_updated_nor_deleted_again()
    {
        var row = New("x");
        await AddAsync(row);
        await Store.DeleteAsync(row.Id, null, Start, NoHook, None);

        var update = await Store.UpdateAsync(new ContactRow(row with { Version = 3 }, []), 2, NoHook, None);
        var delete = await Store.DeleteAsync(row.Id, null, Start, NoHook, None);

        Assert.Equal(ContactWriteStatus.NotFound, update.Status);
        Assert.Equal(ContactWriteStatus.NotFound, delete.Status);
        Assert.Equal(("", false, 2L, true), await RawAsync(row.Id));
    }

    [Fact]
    public async Task Pages_follow_the_order_of_time_and_of_bytes()
    {
        // Ids whose order differs between .NET's fields, bytes in memory and time.
        Guid[] ids =
        [
            Guid.Parse("00000000-0000-7000-8000-000000000001"),
            Guid.Parse("00000000-00ff-7000-8000-000000000000"),
            Guid.Parse("01000000-0000-7000-8000-000000000000"),
            Guid.Parse("7fffffff-0000-7000-8000-000000000000"),
            Guid.Parse("80000000-0000-7000-8000-000000000000"),
            Guid.Parse("ff000000-0000-7000-8000-0000000000ff"),
            Guid.Parse("ff000000-0000-7000-ff00-000000000000"),
        ];
        await AddAsync([.. ids.Reverse().Select(id => New("x") with { Id = id })]);

        var listed = new List<Guid>();
        for (IReadOnlyList<StoredContact> page = await Store.ListAsync(null, 3, None); page.Count > 0; )
        {
            listed.AddRange(page.Select(row => row.Id));
            page = await Store.ListAsync(page[^1].Id, 3, None);
        }

        Assert.Equal(ids, listed);
    }

    [Fact]
    public async Task Paging_sees_every_row_once_while_others_are_added_and_deleted()
    {
        var before = Enumerable.Range(0, 60).Select(i => New($"old {i}") with { Id = Guid.CreateVersion7(Start.AddSeconds(i)) }).ToArray();
        await AddAsync(before);
        var deleted = before.Where((_, i) => i % 10 == 9).ToArray();

        async Task Disturb()
        {
            for (var i = 0; i < 40; i++)
            {
                // Before, between and after the rows that are being paged through.
                await AddAsync(New("new") with { Id = Guid.CreateVersion7(Start.AddSeconds(i * 2 - 10).AddMilliseconds(500)) });
                if (i % 7 == 0)
                {
                    await Store.DeleteAsync(deleted[i / 7 % deleted.Length].Id, null, Start, NoHook, None);
                }
            }
        }

        var seen = new List<Guid>();
        var disturbance = Task.Run(Disturb);
        for (IReadOnlyList<StoredContact> page = await Store.ListAsync(null, 7, None); page.Count > 0; )
        {
            seen.AddRange(page.Select(row => row.Id));
            page = await Store.ListAsync(page[^1].Id, 7, None);
        }
        await disturbance;

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(seen.Order(), seen);
        Assert.Empty(before.Except(deleted).Select(row => row.Id).Except(seen));
    }

    [Fact]
    public async Task A_lookup_finds_all_who_share_a_value_under_any_key_and_no_one_else()
    {
        var rows = Enumerable.Range(0, 5).Select(i => New($"{i}") with { Id = Guid.CreateVersion7(Start.AddSeconds(i)) }).ToArray();
        await Store.AddManyAsync(
            [
                new ContactRow(rows[0], [Lookup(ContactLookupKind.Email, 1), Lookup(ContactLookupKind.Email, 9)]),
                new ContactRow(rows[1], [Lookup(ContactLookupKind.Email, 2)]),
                new ContactRow(rows[2], [Lookup(ContactLookupKind.Phone, 1)]),
                // During a rotation one row may stand under both keys.
                new ContactRow(rows[3], [Lookup(ContactLookupKind.Email, 1), Lookup(ContactLookupKind.Email, 2)]),
                new ContactRow(rows[4], []),
            ],
            NoHook,
            None
        );

        async Task<IEnumerable<Guid>> Find(ContactLookupKind kind, Guid? after, int limit, params int[] values) =>
            (await Store.FindAsync(kind, [.. values.Select(Fingerprint)], after, limit, None)).Select(row => row.Id);

        Assert.Equal([rows[0].Id, rows[3].Id], await Find(ContactLookupKind.Email, null, 10, 1));
        Assert.Equal([rows[0].Id, rows[1].Id, rows[3].Id], await Find(ContactLookupKind.Email, null, 10, 2, 1));
        Assert.Equal([rows[0].Id, rows[1].Id], await Find(ContactLookupKind.Email, null, 2, 2, 1));
        Assert.Equal([rows[3].Id], await Find(ContactLookupKind.Email, rows[1].Id, 2, 2, 1));
        Assert.Equal([rows[2].Id], await Find(ContactLookupKind.Phone, null, 10, 1));
        Assert.Empty(await Find(ContactLookupKind.Phone, null, 10, 2));
        Assert.Empty(await Find(ContactLookupKind.Email, null, 10));
    }

    private async Task AddAsync(params StoredContact[] rows) =>
        await Store.AddManyAsync([.. rows.Select(row => new ContactRow(row, []))], NoHook, None);

    private static StoredContact New(string name, long version = 1)
    {
        var id = Guid.CreateVersion7(Start);
        return new StoredContact
        {
            Id = id,
            Name = name,
            PhoneEncrypted = new EncryptedField([1, 2, 3, .. id.ToByteArray()]),
            EmailEncrypted = new EncryptedField([0, 0]),
            DetailsEncrypted = new EncryptedField([.. Enumerable.Range(0, 5_000).Select(i => (byte)i)]),
            CreatedAt = Start,
            UpdatedAt = Start,
            Version = version,
        };
    }

    private static ContactLookup Lookup(ContactLookupKind kind, int value) => new(kind, Fingerprint(value));

    private static byte[] Fingerprint(int value) => [.. Enumerable.Repeat((byte)value, 16)];

    private static void AssertSame(StoredContact expected, StoredContact? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(Bytes(expected.PhoneEncrypted), Bytes(actual.PhoneEncrypted));
        Assert.Equal(Bytes(expected.EmailEncrypted), Bytes(actual.EmailEncrypted));
        Assert.Equal(Bytes(expected.DetailsEncrypted), Bytes(actual.DetailsEncrypted));
        Assert.Equal(Plain(expected), Plain(actual));
    }

    private static byte[]? Bytes(EncryptedField? field) => field?.ToArray();

    private static StoredContact Plain(StoredContact row) =>
        row with
        {
            PhoneEncrypted = null,
            EmailEncrypted = null,
            DetailsEncrypted = null,
        };
}
