using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class SecurityChecks
{
    public static IEnumerable<SmokeCheck> All =>
        [
            new("A field is encrypted, bound to its row, and found by its blind index", () => WithSecurity(FieldsHold)),
            new("A token is issued and validated, and refused when a character of it changes", () => WithSecurity(TokensHold)),
            new("A password is hashed by libsodium's Argon2id and verified", () => WithSecurity(PasswordsHoldAsync)),
        ];

    private static async Task WithSecurity(Func<IServiceProvider, Task> check)
    {
        using var scratch = new Scratch();
        var services = new ServiceCollection();
        services.AddAutom8Security().UseSqlite(scratch.Sqlite);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<KeyringProvider>().InitializeAsync();
        await check(provider);
    }

    private static Task FieldsHold(IServiceProvider services)
    {
        var protector = services.GetRequiredService<IFieldProtector>();
        var index = services.GetRequiredService<IBlindIndex>();
        var row = new FieldContext("contact", "email_encrypted", Guid.CreateVersion7());

        var field = protector.Protect("żółw@example.org", row);

        Require(protector.Unprotect(field, row) == "żółw@example.org", "The field was not read back as it was written.");
        Require(!Opens(row with { Column = "phone_encrypted" }), "The field opened in another column.");
        var wanted = index.Compute("contact", "email_encrypted", "a@example.org");
        Require(
            index.Candidates("contact", "email_encrypted", "a@example.org").Any(c => c.AsSpan().SequenceEqual(wanted)),
            "An address is not among its own candidates."
        );
        Require(
            !wanted.AsSpan().SequenceEqual(index.Compute("contact", "phone_encrypted", "a@example.org")),
            "Two columns share an index."
        );
        return Task.CompletedTask;

        bool Opens(FieldContext elsewhere)
        {
            try
            {
                protector.Unprotect(field, elsewhere);
                return true;
            }
            catch (FieldProtectionException)
            {
                return false;
            }
        }
    }

    private static Task TokensHold(IServiceProvider services)
    {
        var validator = services.GetRequiredService<ITokenValidator>();
        var issued = services.GetRequiredService<ITokenIssuer>().Issue(new TokenRequest("ann") { Roles = ["viewer"] }).Token;

        var status = validator.Validate(issued, out var token);

        Require(status == TokenStatus.Valid && token.Subject == "ann" && token.Roles is ["viewer"], $"A token of our own is {status}.");
        var signature = issued.LastIndexOf('.') + 1;
        var forged = issued[..signature] + (issued[signature] == 'A' ? 'B' : 'A') + issued[(signature + 1)..];
        Require(validator.Validate(forged, out _) == TokenStatus.BadSignature, "A forged signature was not recognised.");
        return Task.CompletedTask;
    }

    private static async Task PasswordsHoldAsync(IServiceProvider services)
    {
        var hasher = services.GetRequiredService<IPasswordHasher>();
        var account = Guid.CreateVersion7();

        var hash = await hasher.HashAsync(account, "correct horse battery staple");

        Require(
            await hasher.VerifyAsync(account, hash, "correct horse battery staple") == PasswordVerdict.Right,
            "The right password was refused."
        );
        Require(
            await hasher.VerifyAsync(account, hash, "Correct horse battery staple") == PasswordVerdict.Wrong,
            "A wrong password was taken."
        );
    }
}
