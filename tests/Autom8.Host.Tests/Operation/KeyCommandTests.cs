using System.Security.Cryptography;
using Autom8.Client;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>What is done with keys on the machine: escrow and recovery, another key-encryption key, the end of old keys.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string KeyringFile => _folder.Combine("data-keys", "keyring.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lost_keyring_is_recovered_from_its_escrow_and_the_service_reads_its_contacts_again()
    {
        Contact contact;
        await using (var host = await HostProcess.StartAsync(_folder.Path))
        {
            var client = new Autom8Client(new HttpClient { BaseAddress = host.Address });
            var password = (await File.ReadAllTextAsync(_folder.Combine("data-keys", "admin.one-time-password"))).Trim();
            await client.ChangePasswordAsync("admin", password, ServiceFixture.AdministratorPassword);
            await client.LoginAsync("admin", ServiceFixture.AdministratorPassword);
            contact = await client.CreateContactAsync(new ContactDraft { Name = "Ada", Emails = [new("ada@example.org")] });
            await host.StopAsync();
        }

        var (secret, recovery, escrow) = (_folder.Combine("recovery.pem"), _folder.Combine("recovery.pub"), _folder.Combine("escrow.pem"));
        var made = await DoneAsync("keys", "new-recovery-key", "--out", secret);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        Assert.DoesNotContain("PRIVATE", made, StringComparison.Ordinal);
        await File.WriteAllTextAsync(recovery, made);
        await DoneAsync("keys", "escrow", "--to", recovery, "--out", escrow);
        await RefusedAsync("exists", "keys", "escrow", "--to", recovery, "--out", escrow);
        await RefusedAsync("nothing to recover from", "keys", "recover", "--from", escrow, "--with", secret);

        File.Delete(KeyringFile);
        await RefusedAsync("This is not the recovery private key", "keys", "recover", "--from", escrow, "--with", escrow);
        await DoneAsync("keys", "recover", "--from", escrow, "--with", secret);

        await using var again = await HostProcess.StartAsync(_folder.Path);
        var reader = new Autom8Client(new HttpClient { BaseAddress = again.Address });
        await reader.LoginAsync("admin", ServiceFixture.AdministratorPassword);
        Assert.Equal("ada@example.org", (await reader.GetContactAsync(contact.Id)).Emails[0].Value);
    }

    [Fact]
    public async Task Another_key_encryption_key_takes_over_in_two_steps()
    {
        var (old, next) = (KeyFile("old"), KeyFile("new"));
        Dictionary<string, string> withOld = new() { ["Autom8:Security:KeyEncryptionKeyFile"] = old };
        Dictionary<string, string> withNext = new() { ["Autom8:Security:KeyEncryptionKeyFile"] = next };
        await DoneAsync(withOld, "keys", "list");
        await RefusedAsync(withNext, "another key-encryption key", "keys", "list");

        await DoneAsync(withOld, "keys", "rekek", "--to", next);
        await DoneAsync(withOld, "keys", "list");
        await DoneAsync(withNext, "keys", "list");

        await DoneAsync(withNext, "keys", "rekek", "--finish");
        await DoneAsync(withNext, "keys", "verify");
        await RefusedAsync(withOld, "another key-encryption key", "keys", "list");
    }

    [Fact]
    public async Task A_setting_behind_a_flag_or_an_option_counts()
    {
        var (old, next) = (KeyFile("old"), KeyFile("new"));
        await DoneAsync("keys", "rekek", "--to", next, "--Autom8:Security:KeyEncryptionKeyFile", old);
        await DoneAsync("keys", "rekek", "--finish", "--Autom8:Security:KeyEncryptionKeyFile=" + next);
        await RefusedAsync("another key-encryption key", "keys", "list", "--Autom8:Security:KeyEncryptionKeyFile", old);
    }

    [Theory]
    [InlineData("Say which", "rekek")]
    [InlineData("Say which", "rekek", "--to", "--finish=true")]
    [InlineData("Say which", "rekek", "--to=x", "--finish")]
    [InlineData("Say to whom and where", "escrow")]
    [InlineData("Say what and with which key", "recover", "--from", "x")]
    [InlineData("Say where the private part goes", "new-recovery-key")]
    [InlineData("There is no purpose 'nothing'", "rotate", "nothing")]
    [InlineData("is not the id of a key", "retire", "nothing")]
    [InlineData("has no key", "destroy", "AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("has no key", "destroy", "--AAAAAAAAAAAAAAAAAAAA")]
    [InlineData("has no key", "retire", "-AAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_command_that_cannot_work_says_what_would(string says, params string[] words) =>
        await RefusedAsync(says, ["keys", .. words]);

    [Theory]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Whoever_asks_for_help_is_shown_it_and_nothing_is_made(string word)
    {
        Assert.Contains("contacts indexes", await DoneAsync(word), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task What_the_blind_indexes_give_away_is_reported() =>
        Assert.Contains("contact.phone_encrypted\t128 bits\t0 rows", await DoneAsync("contacts", "indexes"), StringComparison.Ordinal);

    [Fact]
    public async Task A_key_of_the_machine_is_rotated_and_the_old_one_kept_for_what_it_made()
    {
        Assert.Contains("is active", await DoneAsync("keys", "rotate", "cache"), StringComparison.Ordinal);
        var lines = (await DoneAsync("keys", "list"))
            .Split('\n')
            .Where(line => line.Contains(" Cache ", StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(2, lines.Length);
        var old = lines.Single(line => line.Contains("VerifyOnly", StringComparison.Ordinal))[..22];
        Assert.Contains("is Retired", await DoneAsync("keys", "retire", old), StringComparison.Ordinal);
        Assert.Contains("is Destroyed", await DoneAsync("keys", "destroy", old), StringComparison.Ordinal);
        await DoneAsync("keys", "verify");
    }

    private string KeyFile(string name)
    {
        var path = _folder.Combine(name + ".kek");
        File.WriteAllText(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        return path;
    }

    private Task<string> DoneAsync(params string[] words) => DoneAsync(null, words);

    private async Task<string> DoneAsync(Dictionary<string, string>? settings, params string[] words)
    {
        var (code, said, error) = await HostProcess.RunAsync(_folder.Path, settings, words);
        Assert.True(code == 0, error + said);
        return said;
    }

    private Task RefusedAsync(string says, params string[] words) => RefusedAsync(null, says, words);

    private async Task RefusedAsync(Dictionary<string, string>? settings, string says, params string[] words)
    {
        var (code, _, error) = await HostProcess.RunAsync(_folder.Path, settings, words);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(1, code);
    }
}
