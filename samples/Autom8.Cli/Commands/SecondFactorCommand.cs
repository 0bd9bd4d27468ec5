using System.CommandLine;

namespace Autom8.Cli;

/// <summary><c>autom8 second-factor</c>: codes of an authenticator app at the sign-in.</summary>
internal static class SecondFactorCommand
{
    public static Command Create() =>
        new("second-factor", "Asks for a code of an authenticator app at the sign-in.") { Status(), Enable(), Disable() };

    private static Command Status()
    {
        var command = new Command("status", "Shows whether the account has a second factor.");
        command.SetAction(
            async (_, cancellation) =>
            {
                var status = await StoredSession.Open().GetSecondFactorAsync(cancellation);
                Console.WriteLine(status.Active ? $"On. {status.RecoveryCodesLeft} recovery codes are left." : "Off.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Enable()
    {
        var sha256 = new Option<bool>("--sha256") { Description = "Codes by SHA-256 instead of SHA-1; not every app computes them." };
        var command = new Command(
            "enable",
            "Sets up a second factor. Asks for the password, shows the secret, and asks for the first code. Every sign-in of the account ends."
        )
        {
            sha256,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var secret = await client.EnrolSecondFactorAsync(Answers.Secret("Password:"), parsed.GetValue(sha256), cancellation);
                Console.WriteLine($"Add this to the authenticator app: {secret.Secret}");
                Console.WriteLine(secret.Uri);
                var codes = await client.ConfirmSecondFactorAsync(Answers.Line("Code that the app shows:"), cancellation);
                // Shown before anything else can fail: nobody can read them again.
                Console.WriteLine("The second factor is on. Keep these recovery codes; each is good once:");
                foreach (var code in codes)
                {
                    Console.WriteLine("  " + code);
                }

                StoredSession.Forget();
                Console.WriteLine("Sign in again: autom8 login");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Disable()
    {
        var command = new Command(
            "disable",
            "Takes the second factor away. Asks for the password and a code. Every sign-in of the account ends."
        );
        command.SetAction(
            async (_, cancellation) =>
            {
                var client = StoredSession.Open();
                var password = Answers.Secret("Password:");
                await client.DisableSecondFactorAsync(password, Answers.Line("Code of the app, or a recovery code:"), cancellation);
                StoredSession.Forget();
                Console.WriteLine("The second factor is off. Sign in again: autom8 login");
                return ExitCodes.Done;
            }
        );
        return command;
    }
}
