using System.CommandLine;

namespace Autom8.Cli;

/// <summary><c>autom8 logout</c>: ends this sign-in, or all of the account's.</summary>
internal static class LogoutCommand
{
    public static Command Create()
    {
        var everywhere = new Option<bool>("--everywhere") { Description = "Ends every sign-in of the account, on every machine, at once." };
        var command = new Command(
            "logout",
            "Signs out. An access token that is on its way lives for at most ten minutes more, unless --everywhere."
        )
        {
            everywhere,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(everywhere), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool everywhere, CancellationToken cancellationToken)
    {
        if (StoredSession.Read() is not { } session)
        {
            Console.WriteLine("Not signed in.");
            return ExitCodes.Done;
        }

        if (everywhere)
        {
            await StoredSession.Open().LogoutEverywhereAsync(cancellationToken);
        }
        else if (session.RefreshToken is { } token)
        {
            await StoredSession.Connect(session.Server).LogoutAsync(token, cancellationToken);
        }

        StoredSession.Forget();
        Console.WriteLine(everywhere ? $"Signed out of {session.Server} everywhere." : $"Signed out of {session.Server}.");
        return ExitCodes.Done;
    }
}
