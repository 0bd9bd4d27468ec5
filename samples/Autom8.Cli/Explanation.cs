using System.Net;
using System.Net.Sockets;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary>Says what went wrong and what to do, in one line.</summary>
internal static class Explanation
{
    public static string Of(Exception error) =>
        error switch
        {
            Autom8ApiException { StatusCode: HttpStatusCode.Unauthorized, Problem.Kind: "unauthenticated" or "session-ended" } =>
                "not signed in, or the sign-in has expired. Run: autom8 login",
            Autom8ApiException { RetryAfter: { } wait } busy => $"{busy.Message} Try again in {wait.TotalSeconds:0} s.",
            HttpRequestException { InnerException: SocketException } unreachable =>
                $"the service cannot be reached: {unreachable.Message}. Is it running, and is --server right?",
            _ => error.Message,
        };
}
