using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Contacts.Tests.Book;

public sealed class CursorTests : IAsyncLifetime
{
    private ContactBookFixture _fixture = null!;

    private ContactBook Book => _fixture.Book;

    public async Task InitializeAsync()
    {
        _fixture = await ContactBookFixture.CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            await _fixture.CreateAsync($"Person {i}", email: "all@example.com");
        }
    }

    public Task DisposeAsync() => _fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task Pages_follow_one_another_to_the_end_without_an_empty_one()
    {
        var sizes = new List<int>();
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Book.ListAsync(2, cursor);
            sizes.Add(page.Items.Count);
            names.AddRange(page.Items.Select(c => c.Name));
            cursor = page.NextCursor;
        } while (cursor is not null);

        Assert.Equal([2, 2, 1], sizes);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"Person {i}"), names);
        Assert.Null((await Book.ListAsync(5)).NextCursor);
    }

    [Fact]
    public async Task A_cursor_with_any_character_changed_is_refused()
    {
        var cursor = (await Book.ListAsync(2)).NextCursor!;

        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
            await RefusedAsync(() => Book.ListAsync(2, changed));
        }
    }

    [Fact]
    public async Task A_cursor_continues_its_own_query_only()
    {
        var list = (await Book.ListAsync(2)).NextCursor;
        var find = (await Book.FindByEmailAsync("all@example.com", 2)).NextCursor;

        await RefusedAsync(() => Book.ListAsync(2, find));
        await RefusedAsync(() => Book.FindByEmailAsync("all@example.com", 2, list));
        await RefusedAsync(() => Book.FindByEmailAsync("abc@example.com", 2, find));
    }

    [Fact]
    public async Task A_cursor_of_another_keyring_is_refused()
    {
        await using var other = await ContactBookFixture.CreateAsync();
        await other.CreateAsync("a");
        await other.CreateAsync("b");

        var foreign = (await other.Book.ListAsync(1)).NextCursor;

        Assert.NotNull(foreign);
        await RefusedAsync(() => Book.ListAsync(1, foreign));
    }

    [Property(MaxTest = 200)]
    public Property No_text_is_taken_for_a_cursor(string? text) =>
        Prop.ToProperty(
            text is null
                || Assert.ThrowsAsync<ContactValidationException>(() => Book.ListAsync(1, text).AsTask()).Result.Problems[0].Field
                    == "cursor"
        );

    private static async Task RefusedAsync(Func<ValueTask<ContactPage>> query)
    {
        var error = await Assert.ThrowsAsync<ContactValidationException>(() => query().AsTask());
        Assert.Equal("cursor", Assert.Single(error.Problems).Field);
    }
}
