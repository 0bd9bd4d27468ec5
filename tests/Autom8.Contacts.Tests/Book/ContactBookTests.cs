using Autom8.Security.Audit;

namespace Autom8.Contacts.Tests.Book;

public sealed class ContactBookTests : IAsyncLifetime
{
    private ContactBookFixture _fixture = null!;

    private ContactBook Book => _fixture.Book;

    private static AuditActor Alice => ContactBookFixture.Alice;

    public async Task InitializeAsync() => _fixture = await ContactBookFixture.CreateAsync();

    public Task DisposeAsync() => _fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task A_contact_is_read_back_as_it_was_created()
    {
        var draft = new ContactDraft
        {
            Name = " Ame\u0301lie Dùrant ",
            Phones = [new ContactPhone("(212) 555-0142", "home"), new ContactPhone("+44 20 7946 0018")],
            Emails = [new ContactEmail("Amelie@Exämple.ORG", "work")],
            Organization = "山田商事",
            Title = "Chief \"Officer\"",
            Note = "first line\r\nsecond\tline",
        };

        var now = _fixture.Time.GetUtcNow();
        var created = await Book.CreateAsync(draft, Alice);
        var read = await Book.GetAsync(created.Id);

        foreach (var contact in (Contact[])[created, read])
        {
            Assert.Equal("Am\u00E9lie Dùrant", contact.Name);
            Assert.Equal(["(212) 555-0142", "+44 20 7946 0018"], contact.Phones.Select(p => p.Value));
            Assert.Equal(["+12125550142", "+442079460018"], contact.Phones.Select(p => p.Normalized));
            Assert.Equal(["home", null], contact.Phones.Select(p => p.Label));
            Assert.Equal(
                [("Amelie@Exämple.ORG", "work", "amelie@xn--exmple-cua.org")],
                contact.Emails.Select(e => (e.Value, e.Label, e.Normalized))
            );
            Assert.Equal("山田商事", contact.Organization);
            Assert.Equal("Chief \"Officer\"", contact.Title);
            Assert.Equal("first line\nsecond\tline", contact.Note);
            Assert.Equal(1, contact.Version);
            Assert.Equal((now, now), (contact.CreatedAt, contact.UpdatedAt));
        }
    }

    [Fact]
    public async Task The_blind_indexes_are_reported_also_while_they_are_empty()
    {
        Assert.Equal([0L, 0L], (await Book.ReportIndexesAsync()).Select(report => report.Rows));
        foreach (var phone in (string[])["+12125550142", "+12125550142", "+442079460018"])
        {
            await Book.CreateAsync(new ContactDraft { Name = "Ann", Phones = [new ContactPhone(phone)] }, Alice);
        }

        var (email, phones) = ((await Book.ReportIndexesAsync())[0], (await Book.ReportIndexesAsync())[1]);
        Assert.Equal(("contact.email_encrypted", 128, 0L, null), (email.Index, email.Bits, email.Rows, email.Warning));
        Assert.Equal(("contact.phone_encrypted", 3L, 2L, 2L), (phones.Index, phones.Rows, phones.DistinctValues, phones.LargestBucket));
        Assert.Contains("2 groups among 3 rows", phones.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_replaces_everything_and_audits_the_names_of_what_changed()
    {
        var created = await Book.CreateAsync(
            new ContactDraft
            {
                Name = "Ann",
                Phones = [new ContactPhone("+12125550142")],
                Note = "old",
                Title = "same",
            },
            Alice
        );
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        var later = _fixture.Time.GetUtcNow();

        var updated = await Book.UpdateAsync(
            created.Id,
            new ContactDraft
            {
                Name = "Ann B.",
                Emails = [new ContactEmail("ann@example.com")],
                Title = "same",
            },
            created.Version,
            Alice
        );

        Assert.Equal((2, "Ann B.", "same", null), (updated.Version, updated.Name, updated.Title, updated.Note));
        Assert.Equal(created.CreatedAt, updated.CreatedAt);
        Assert.Equal(later, updated.UpdatedAt);
        Assert.Empty((await Book.GetAsync(created.Id)).Phones);
        Assert.Empty((await Book.FindByPhoneAsync("+12125550142")).Items);
        Assert.Single((await Book.FindByEmailAsync("ann@example.com")).Items);
        Assert.Equal(
            [
                ("contact.created", """{"fields":["name","phones","title","note"]}"""),
                ("contact.updated", """{"fields":["name","phones","emails","note"]}"""),
            ],
            (await _fixture.AuditAsync()).Select(e => (e.Action, e.Details))
        );
        Assert.All(
            await _fixture.AuditAsync(),
            e => Assert.Equal(("alice", "request-1", created.Id.ToString()), (e.User, e.RequestId, e.ResourceId))
        );
    }

    [Fact]
    public async Task An_update_that_changes_nothing_keeps_the_version_and_leaves_no_entry()
    {
        var created = await _fixture.CreateAsync("Ann", "+1 212 555 0142", "ann@example.com");

        var same = await Book.UpdateAsync(
            created.Id,
            ContactBookFixture.Draft(" Ann", "+1 212 555 0142", "ann@example.com "),
            created.Version,
            Alice
        );

        Assert.Equal(1, same.Version);
        Assert.Single(await _fixture.AuditAsync());
    }

    [Fact]
    public async Task A_stale_version_is_refused_and_told_the_current_one()
    {
        var created = await _fixture.CreateAsync("Ann");
        await Book.UpdateAsync(created.Id, ContactBookFixture.Draft("Bea"), 1, Alice);

        var update = await Assert.ThrowsAsync<ContactVersionConflictException>(() =>
            Book.UpdateAsync(created.Id, ContactBookFixture.Draft("Cid"), 1, Alice).AsTask()
        );
        var delete = await Assert.ThrowsAsync<ContactVersionConflictException>(() => Book.DeleteAsync(created.Id, 1, Alice).AsTask());

        Assert.Equal((1, 2), (update.ExpectedVersion, update.CurrentVersion));
        Assert.Equal(2, delete.CurrentVersion);
        Assert.Equal("Bea", (await Book.GetAsync(created.Id)).Name);
    }

    [Fact]
    public async Task A_deleted_contact_is_gone_from_every_way_to_reach_it()
    {
        var created = await _fixture.CreateAsync("Ann", "+12125550142", "ann@example.com");

        await Book.DeleteAsync(created.Id, null, Alice);

        await Assert.ThrowsAsync<ContactNotFoundException>(() => Book.GetAsync(created.Id).AsTask());
        await Assert.ThrowsAsync<ContactNotFoundException>(() => Book.DeleteAsync(created.Id, null, Alice).AsTask());
        await Assert.ThrowsAsync<ContactNotFoundException>(() =>
            Book.UpdateAsync(created.Id, ContactBookFixture.Draft("x"), 2, Alice).AsTask()
        );
        Assert.Empty((await Book.ListAsync()).Items);
        Assert.Empty((await Book.FindByEmailAsync("ann@example.com")).Items);
        Assert.Empty((await Book.FindByPhoneAsync("+12125550142")).Items);
        Assert.Equal(["contact.created", "contact.deleted"], (await _fixture.AuditAsync()).Select(e => e.Action));
    }

    [Fact]
    public async Task Nothing_is_written_when_the_audit_log_fails()
    {
        var created = await _fixture.CreateAsync("Ann", email: "ann@example.com");

        async Task Fails(Func<Task> write)
        {
            _fixture.AuditFailure = new InvalidOperationException("the log is full");
            await Assert.ThrowsAsync<InvalidOperationException>(write);
        }

        await Fails(() => Book.CreateAsync(ContactBookFixture.Draft("New", email: "new@example.com"), Alice).AsTask());
        await Fails(() => Book.CreateManyAsync([ContactBookFixture.Draft("New"), ContactBookFixture.Draft("Newer")], Alice).AsTask());
        await Fails(() => Book.UpdateAsync(created.Id, ContactBookFixture.Draft("Bea"), 1, Alice).AsTask());
        await Fails(() => Book.DeleteAsync(created.Id, null, Alice).AsTask());

        Assert.Equal("Ann", Assert.Single((await Book.ListAsync()).Items).Name);
        Assert.Single((await Book.FindByEmailAsync("ann@example.com")).Items);
        Assert.Empty((await Book.FindByEmailAsync("new@example.com")).Items);
        Assert.Single(await _fixture.AuditAsync());
    }

    [Theory]
    [InlineData("(212) 555-0142")]
    [InlineData("212.555.0142")]
    [InlineData("+1 212 555 0142")]
    [InlineData("001 (0) 212 555 0142", false)]
    [InlineData("tel:+1-212-555-0142")]
    [InlineData("\u202A+1 212 555 0142\u202C")]
    [InlineData("212 555 0143", false)]
    public async Task A_phone_is_found_in_whatever_form_it_is_written(string written, bool found = true)
    {
        var created = await _fixture.CreateAsync("Ann", "+1 (212) 555 0142");

        IEnumerable<Guid> ids;
        try
        {
            ids = (await Book.FindByPhoneAsync(written)).Items.Select(c => c.Id);
        }
        catch (ContactValidationException refused) when (!found)
        {
            Assert.Equal("phone", Assert.Single(refused.Problems).Field);
            return;
        }

        Assert.Equal(found ? [created.Id] : [], ids);
    }

    [Fact]
    public async Task Everybody_who_shares_an_address_is_found_page_by_page()
    {
        var sharing = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            sharing.Add((await _fixture.CreateAsync($"Colleague {i}", email: "Office@Example.com")).Id);
            await _fixture.CreateAsync($"Stranger {i}", email: $"stranger{i}@example.com");
        }

        var found = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await Book.FindByEmailAsync("office@example.COM", 3, cursor);
            Assert.True(page.Items.Count <= 3);
            found.AddRange(page.Items.Select(c => c.Id));
            cursor = page.NextCursor;
        } while (cursor is not null);

        Assert.Equal(sharing, found);
    }

    [Fact]
    public async Task An_address_in_the_place_of_the_name_is_found_and_is_not_readable_in_the_table()
    {
        var email = await _fixture.CreateAsync("Zoe@Example.com");
        var phone = await _fixture.CreateAsync("+1 212-555-0142");
        var plain = await _fixture.CreateAsync("Zoe Example");

        Assert.Equal("Zoe@Example.com", (await Book.GetAsync(email.Id)).Name);
        Assert.Equal([email.Id], (await Book.FindByEmailAsync("zoe@example.com")).Items.Select(c => c.Id));
        Assert.Equal([phone.Id], (await Book.FindByPhoneAsync("(212) 555-0142")).Items.Select(c => c.Id));
        var names = _fixture.Sqlite.Read(
            0,
            static (session, _) =>
            {
                var names = new List<string>();
                using var reader = session.Command("select name from autom8_contact order by id").ExecuteReader();
                while (reader.Read())
                {
                    names.Add(reader.GetString(0));
                }

                return names;
            }
        );
        Assert.Equal(["", "", plain.Name], names);
    }

    [Fact]
    public async Task A_blind_index_that_points_to_the_wrong_contact_finds_nobody()
    {
        var ann = await _fixture.CreateAsync("Ann", email: "ann@example.com");
        var bea = await _fixture.CreateAsync("Bea", email: "bea@example.com");
        await _fixture.TamperAsync("update autom8_contact_lookup set contact_id = ?2 where contact_id = ?1", ann.Id, bea.Id);

        Assert.Empty((await Book.FindByEmailAsync("ann@example.com")).Items);
        Assert.Equal([bea.Id], (await Book.FindByEmailAsync("bea@example.com")).Items.Select(c => c.Id));
    }

    [Fact]
    public async Task Of_eight_who_change_one_version_exactly_one_succeeds()
    {
        var created = await _fixture.CreateAsync("Ann");

        async Task<bool> Update(int i)
        {
            try
            {
                await Book.UpdateAsync(created.Id, ContactBookFixture.Draft($"Ann {i}"), 1, Alice);
                return true;
            }
            catch (ContactVersionConflictException conflict)
            {
                Assert.Equal(2, conflict.CurrentVersion);
                return false;
            }
        }

        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Update(i))));

        Assert.Single(won, true);
        Assert.Equal(2, (await _fixture.AuditAsync()).Count);
    }

    [Fact]
    public async Task A_batch_with_one_bad_draft_stores_nothing_and_names_the_draft()
    {
        var error = await Assert.ThrowsAsync<ContactValidationException>(() =>
            Book.CreateManyAsync([ContactBookFixture.Draft("Ann"), ContactBookFixture.Draft("Bea", email: "bea at home")], Alice).AsTask()
        );

        Assert.Equal("[1].emails[0].value", Assert.Single(error.Problems).Field);
        Assert.Empty((await Book.ListAsync()).Items);
        Assert.Empty(await Book.CreateManyAsync([], Alice));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Book.CreateManyAsync([.. Enumerable.Repeat(ContactBookFixture.Draft("x"), ContactBook.MaxBatch + 1)], Alice).AsTask()
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    [InlineData(-1)]
    public async Task A_page_of_an_impossible_size_is_refused(int limit)
    {
        var error = await Assert.ThrowsAsync<ContactValidationException>(() => Book.ListAsync(limit).AsTask());

        Assert.Equal("limit", Assert.Single(error.Problems).Field);
    }
}
