namespace Autom8.Caching.Testing;

/// <summary>What becomes of an operation that is told to fail.</summary>
internal enum ScriptedFault
{
    None,

    /// <summary>It has no effect.</summary>
    RequestLost,

    /// <summary>It takes effect; only the caller does not learn it.</summary>
    AnswerLost,
}
