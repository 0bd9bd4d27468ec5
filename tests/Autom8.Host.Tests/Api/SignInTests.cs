using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Signing in: one-time passwords serve once, wrong ones tell nothing, and guessing is made to wait.</summary>
[Collection(ApiCollection.Name)]
public sealed class SignInTests(ServiceFixture service)
{
    [Fact]
    public async Task A_one_time_password_opens_nothing_but_its_own_change_and_that_once()
    {
        var name = TestAccounts.NewName("editor");
        var (_, oneTime) = await TestAccounts.CreateAsync(await service.AdministratorAsync(), name, "editor");
        using var http = service.CreateHttpClient();

        await ProblemAnswer.ReadAsync(http.LoginAsync(name, oneTime), 403, "password-change-required");
        await http.ChangePasswordAsync(name, oneTime, TestAccounts.Password).StatusAsync(204);

        await ProblemAnswer.ReadAsync(http.LoginAsync(name, oneTime), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(http.ChangePasswordAsync(name, oneTime, "yet another password"), 401, "sign-in-refused");
        var session = await http.LoginAsync(name, TestAccounts.Password).JsonAsync();
        Assert.Equal("Bearer", session.GetProperty("tokenType").GetString());
        Assert.InRange(session.GetProperty("expiresIn").GetInt64(), 1, 600);
        Assert.Equal("editor", Assert.Single(session.GetProperty("roles").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task A_weak_new_password_is_refused_as_newPassword_and_the_old_one_stays()
    {
        var name = "a.name.of.twelve." + TestAccounts.NewName("x");
        var (_, oneTime) = await TestAccounts.CreateAsync(await service.AdministratorAsync(), name, "viewer");
        using var http = service.CreateHttpClient();
        string[] weak = ["", "short", "elevenbytes", name, name.ToUpperInvariant(), oneTime, new('x', 1025), "tabs\tand\nline feeds"];

        foreach (var password in weak)
        {
            var problem = await ProblemAnswer.ReadAsync(http.ChangePasswordAsync(name, oneTime, password), 400, "invalid-request");
            Assert.Equal(["newPassword"], problem.Fields);
            Assert.True(password.Length == 0 || !problem.Text.Contains(password, StringComparison.Ordinal), problem.Text);
        }

        await http.ChangePasswordAsync(name, oneTime, "twelve bytes").StatusAsync(204);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_look_the_same()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;

        var wrong = await ProblemAnswer.ReadAsync(http.LoginAsync(name, "not the password"), 401, "sign-in-refused");
        var unknown = await ProblemAnswer.ReadAsync(http.LoginAsync("nobody", "not the password"), 401, "sign-in-refused");
        var impossible = await ProblemAnswer.ReadAsync(http.LoginAsync("no body\u202e", ""), 401, "sign-in-refused");
        var unchanged = await ProblemAnswer.ReadAsync(
            http.ChangePasswordAsync(name, "not the password", "a new password"),
            401,
            "sign-in-refused"
        );
        var nobodys = await ProblemAnswer.ReadAsync(
            http.ChangePasswordAsync("nobody", "not the password", "a new password"),
            401,
            "sign-in-refused"
        );

        foreach (var other in new[] { unknown, impossible, unchanged, nobodys })
        {
            Assert.Equal(WithoutId(wrong), WithoutId(other));
            Assert.Equal(
                wrong.Response.Headers.Select(header => header.Key).Order(),
                other.Response.Headers.Select(header => header.Key).Order()
            );
        }

        static string WithoutId(ProblemAnswer problem) =>
            problem.Text.Replace(problem.Body.GetProperty("requestId").GetString()!, "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_an_account_against_the_right_one_too()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;

        for (var i = 0; i < 5; i++)
        {
            await ProblemAnswer.ReadAsync(http.LoginAsync(name, "not the password"), 401, "sign-in-refused");
        }

        var locked = await ProblemAnswer.ReadAsync(http.LoginAsync(name, TestAccounts.Password), 429, "too-many-requests");
        Assert.InRange(locked.RetryAfter(), 1, 30);
        // In the words of the limit, so that it does not tell that there is such an account.
        Assert.Equal("Too many attempts to sign in.", locked.Body.GetProperty("detail").GetString());
        var change = await ProblemAnswer.ReadAsync(
            http.ChangePasswordAsync(name, TestAccounts.Password, "a new password"),
            429,
            "too-many-requests"
        );
        Assert.InRange(change.RetryAfter(), 1, 30);
        // Whoever was signed in stays so: a lock-out throws nobody out.
        await http.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);
    }

    [Fact]
    public async Task Text_that_has_no_normal_form_is_refused_like_any_other()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;
        const string noncharacter = "\ufffe";

        await ProblemAnswer.ReadAsync(http.LoginAsync(name + noncharacter, TestAccounts.Password), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(http.LoginAsync(name, "not the password" + noncharacter), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(
            http.ChangePasswordAsync(noncharacter, TestAccounts.Password, "another password altogether"),
            401,
            "sign-in-refused"
        );
        await ProblemAnswer.ReadAsync(http.ChangePasswordAsync(name, noncharacter, "another password altogether"), 401, "sign-in-refused");
        var chosen = await ProblemAnswer.ReadAsync(
            http.ChangePasswordAsync(name, TestAccounts.Password, "another password" + noncharacter),
            400,
            "invalid-request"
        );
        Assert.Equal(["newPassword"], chosen.Fields);
        await ProblemAnswer.ReadAsync(
            http.CallAsync("POST", "/api/v1/contacts/search", $$"""{"email":"a{{noncharacter}}@example.org"}"""),
            400,
            "invalid-request"
        );
    }

    [Fact]
    public async Task Names_and_passwords_of_a_megabyte_of_marks_cost_no_more_than_others()
    {
        var marks = string.Concat(Enumerable.Repeat("\u0323\u0301", 60_000));
        using var http = service.CreateHttpClient();
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        await ProblemAnswer.ReadAsync(http.LoginAsync("a" + marks, "x").WaitAsync(soon.Token), 401, "sign-in-refused");
        await ProblemAnswer.ReadAsync(http.ChangePasswordAsync("nobody", "x", marks).WaitAsync(soon.Token), 400, "invalid-request");
    }

    [Fact]
    public async Task Names_are_compared_without_regard_to_case()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;

        await http.LoginAsync(name.ToUpperInvariant(), TestAccounts.Password).StatusAsync(200);
        await ProblemAnswer.ReadAsync(
            (await service.AdministratorAsync()).CallAsync(
                "POST",
                "/api/v1/accounts",
                $$"""{"name":"{{name.ToUpperInvariant()}}","roles":["viewer"]}"""
            ),
            409,
            "conflict"
        );
    }

    [Fact]
    public async Task Accounts_are_listed_page_by_page_without_their_passwords()
    {
        var administrator = await service.AdministratorAsync();
        for (var i = 0; i < 5; i++)
        {
            await TestAccounts.CreateAsync(administrator, TestAccounts.NewName("listed"), "viewer");
        }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await administrator
                .CallAsync("GET", "/api/v1/accounts?limit=2" + (cursor is null ? "" : "&cursor=" + cursor))
                .JsonAsync();
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, 2);
            Assert.DoesNotContain("assword\":\"", page.GetRawText(), StringComparison.Ordinal);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        } while (cursor is not null);

        Assert.Equal(names.Distinct(), names);
        Assert.Contains("admin", names);
        Assert.Equal(5, names.Count(name => name.StartsWith("listed.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_last_administrator_cannot_be_disabled()
    {
        var administrator = await service.AdministratorAsync();
        var me = await administrator.CallAsync("GET", "/api/v1/auth/me").JsonAsync();

        await ProblemAnswer.ReadAsync(
            administrator.CallAsync("POST", $"/api/v1/accounts/{me.GetProperty("id").GetString()}/disable"),
            409,
            "conflict"
        );
        await administrator.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);
    }
}
