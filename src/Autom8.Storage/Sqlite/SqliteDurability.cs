namespace Autom8.Storage;

/// <summary>What a SQLite file promises once a write has returned.</summary>
public enum SqliteDurability
{
    /// <summary>A committed write survives a crash of the program, not always a power cut (<c>synchronous=NORMAL</c> under WAL). For telemetry.</summary>
    Normal,

    /// <summary>A committed write survives a power cut (<c>synchronous=FULL</c>). For everything that a person was told is saved.</summary>
    Full,
}
