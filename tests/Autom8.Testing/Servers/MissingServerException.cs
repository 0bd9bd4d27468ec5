namespace Autom8.Testing;

/// <summary>A server that the tests need is not installed on this machine; the message says how to get it.</summary>
public sealed class MissingServerException(string server)
    : Exception($"{server} is not installed. Run eng/test, which installs it, or: apt-get install postgresql redis-server nginx");
