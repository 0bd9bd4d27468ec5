namespace Autom8.Caching.Testing;

/// <summary>One operation on its way to the server. A struct that is a type parameter, so that one that is answered at once is neither boxed nor queued.</summary>
internal interface ISharedCommand<TAnswer>
{
    SharedOperation Operation { get; }

    /// <summary>Published when the command has taken effect.</summary>
    byte[]? Message { get; }

    /// <summary>The names it concerns. Only asked when it is queued.</summary>
    string[] Names { get; }

    TAnswer Apply(SharedNames names);
}
