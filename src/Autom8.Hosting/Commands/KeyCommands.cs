using System.Globalization;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Hosting;

/// <summary>
/// What is done with keys on the machine only: nobody's token can export, re-wrap, retire or destroy a key. Secrets are taken from files and put into owner-only files, never on the command line or the
/// console.
/// </summary>
internal static class KeyCommands
{
    public const string Help = """
          keys list                              shows every key, its state, and how many rows need it
          keys verify                            checks the keyring, each key, and that rows need none that is lost
          keys rotate PURPOSE                    makes a new key, such as of TokenSigning
          keys retire KEY                        no longer accepts what an old key made, if no row needs it
          keys destroy KEY                       destroys the material of a retired key
          keys new-recovery-key --out FILE       makes a key for escrows: the private part in FILE, to be kept offline; the public part is printed
          keys escrow --to PUBLIC --out FILE     seals the keyring to a recovery key
          keys recover --from FILE --with PRIVATE   stores the keyring of an escrow where there is none that opens
          keys rekek --to NEW                    wraps the keyring for the key-encryption key in the file NEW as well
          keys rekek --finish                    wraps it for the one in the settings alone
        """;

    /// <summary>Does a command.</summary>
    /// <returns>The exit code; null when there is no such command.</returns>
    public static async Task<int?> RunAsync(
        string[] words,
        CommandArguments args,
        IServiceProvider services,
        CancellationToken cancellationToken
    )
    {
        switch (words)
        {
            case ["new-recovery-key"]:
                return await NewRecoveryKeyAsync(args, cancellationToken).ConfigureAwait(false);
            case ["recover"]:
                return await RecoverAsync(args, services, cancellationToken).ConfigureAwait(false);
            case ["escrow"]:
                return await EscrowAsync(args, await OpenedAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            case ["rekek"]:
                return await RewrapAsync(args, await OpenedAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            case ["list"]:
                return await ListAsync(await OpenedAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            case ["verify"]:
                return await VerifyAsync(await OpenedAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            case ["rotate", var purpose]:
                return await RotateAsync(purpose, await OpenedAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            case ["retire", var key]:
                return await EndAsync(key, await OpenedAsync().ConfigureAwait(false), destroy: false, cancellationToken)
                    .ConfigureAwait(false);
            case ["destroy", var key]:
                return await EndAsync(key, await OpenedAsync().ConfigureAwait(false), destroy: true, cancellationToken)
                    .ConfigureAwait(false);
            default:
                return null;
        }

        async Task<IServiceProvider> OpenedAsync()
        {
            await services.GetRequiredService<KeyringProvider>().InitializeAsync(cancellationToken).ConfigureAwait(false);
            return services;
        }
    }

    private static async Task<int> ListAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var report = await services.GetRequiredService<KeyLifecycle>().ReportAsync(cancellationToken).ConfigureAwait(false);
        foreach (var key in report.Keys)
        {
            var uses = string.Join(", ", key.Uses.Select(use => string.Create(CultureInfo.InvariantCulture, $"{use.Table} {use.Rows}")));
            await Say(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{key.Key}  {key.Purpose, -15}  {key.State, -10}  {key.CreatedAt:u}  {uses}"
                    )
                )
                .ConfigureAwait(false);
        }

        return 0;
    }

    private static async Task<int> VerifyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var problems = await services.GetRequiredService<KeyLifecycle>().VerifyAsync(cancellationToken).ConfigureAwait(false);
        if (problems.Count == 0)
        {
            await Say("The keyring is whole, every key works, and rows need none that is lost.").ConfigureAwait(false);
            return 0;
        }

        return await RefuseAsync(string.Join(Environment.NewLine, problems)).ConfigureAwait(false);
    }

    private static async Task<int> RotateAsync(string name, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<KeyPurpose>(name, ignoreCase: true, out var purpose) || !Enum.IsDefined(purpose) || char.IsAsciiDigit(name[0]))
        {
            return await RefuseAsync($"There is no purpose '{name}'. There are {string.Join(", ", Enum.GetNames<KeyPurpose>())}.")
                .ConfigureAwait(false);
        }

        var rotation = await services
            .GetRequiredService<KeyLifecycle>()
            .RotateAsync(purpose, AuditActor.System, cancellationToken)
            .ConfigureAwait(false);
        await Say(
                rotation.State == KeyState.Active
                    ? $"{rotation.Purpose} key {rotation.Key} is active."
                    : $"{rotation.Purpose} key {rotation.Key} is published; running nodes will use it from about {rotation.ActivatesAt:u}."
            )
            .ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> EndAsync(string text, IServiceProvider services, bool destroy, CancellationToken cancellationToken)
    {
        if (!KeyId.TryParse(text, out var key))
        {
            return await RefuseAsync($"'{text}' is not the id of a key: 22 characters, as 'keys list' shows them.").ConfigureAwait(false);
        }

        var lifecycle = services.GetRequiredService<KeyLifecycle>();
        var changes = destroy
            ? await lifecycle.DestroyAsync(key, AuditActor.System, cancellationToken).ConfigureAwait(false)
            : await lifecycle.RetireAsync(key, AuditActor.System, cancellationToken).ConfigureAwait(false);
        await Say(changes.Count == 0 ? $"Key {key} was so already." : $"{changes[0].Purpose} key {key} is {changes[0].To}.")
            .ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> NewRecoveryKeyAsync(CommandArguments args, CancellationToken cancellationToken)
    {
        if (args.Option("--out") is not { } file)
        {
            return await RefuseAsync("Say where the private part goes: keys new-recovery-key --out FILE").ConfigureAwait(false);
        }

        var key = KeyringEscrow.CreateRecoveryKey();
        await WriteNewAsync(file, key.PrivateKey + "\n", cancellationToken).ConfigureAwait(false);
        await Console
            .Error.WriteLineAsync(
                $"Wrote the private part of recovery key {key.Fingerprint} to '{file}'. Move it offline; escrows need the public part only:"
            )
            .ConfigureAwait(false);
        await Say(key.PublicKey).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> EscrowAsync(CommandArguments args, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (args.Option("--to") is not { } recoveryKey || args.Option("--out") is not { } file)
        {
            return await RefuseAsync("Say to whom and where: keys escrow --to PUBLIC --out FILE").ConfigureAwait(false);
        }

        var publicKey = await File.ReadAllTextAsync(recoveryKey, cancellationToken).ConfigureAwait(false);
        var escrow = await services
            .GetRequiredService<KeyringEscrow>()
            .SealAsync(publicKey, AuditActor.System, cancellationToken)
            .ConfigureAwait(false);
        await WriteNewAsync(file, escrow, cancellationToken).ConfigureAwait(false);
        await Say($"Sealed the keyring into '{file}'. Make another after each rotation.").ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> RecoverAsync(CommandArguments args, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (args.Option("--from") is not { } file || args.Option("--with") is not { } recoveryKey)
        {
            return await RefuseAsync("Say what and with which key: keys recover --from FILE --with PRIVATE").ConfigureAwait(false);
        }

        var id = await services
            .GetRequiredService<KeyringEscrow>()
            .RecoverAsync(
                await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false),
                await File.ReadAllTextAsync(recoveryKey, cancellationToken).ConfigureAwait(false),
                AuditActor.System,
                cancellationToken
            )
            .ConfigureAwait(false);
        await Say($"Keyring {id} is stored again.").ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> RewrapAsync(CommandArguments args, IServiceProvider services, CancellationToken cancellationToken)
    {
        var lifecycle = services.GetRequiredService<KeyLifecycle>();
        var to = args.Option("--to");
        var finish = args.Has("--finish");
        if (to is null == finish is false)
        {
            return await RefuseAsync("Say which: keys rekek --to NEW, and once every node is given NEW: keys rekek --finish")
                .ConfigureAwait(false);
        }

        if (to is not null)
        {
            await lifecycle.WrapAlsoForAsync(KeyEncryptionKey.FromFile(to), AuditActor.System, cancellationToken).ConfigureAwait(false);
            await Say(
                    $"The keyring opens with the key in '{to}' now, and with the one in the settings. Give every node the new one, then run: keys rekek --finish"
                )
                .ConfigureAwait(false);
            return 0;
        }

        await lifecycle.WrapOnlyForAsync(null, AuditActor.System, cancellationToken).ConfigureAwait(false);
        await Say("The keyring opens with the key-encryption key in the settings only.").ConfigureAwait(false);
        return 0;
    }

    // Never over a file that is there: it may be the only copy of another key.
    private static async Task WriteNewAsync(string path, string text, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            throw new KeyringException($"'{path}' exists and is not overwritten. Name another file.");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var writer = new StreamWriter(path, options);
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task Say(string text) => Console.Out.WriteLineAsync(text);

    private static async Task<int> RefuseAsync(string text)
    {
        await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
        return 1;
    }
}
