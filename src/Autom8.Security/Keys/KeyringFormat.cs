using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Autom8.Security.Keys;

/// <summary>
/// The canonical JSON of a keyring: members in one order, nothing optional, nothing unknown. Key material goes from bytes to bytes and never
/// through a string; every id is computed anew from its material when read.
/// </summary>
/// <remarks>Format 2 has the keyring's revision and the times of each key. Format 1, without them, is still read; nobody ever rotated a key in it.</remarks>
internal static class KeyringFormat
{
    private const string Warning =
        "SECRET. Whoever has this file can read everything that the service encrypts; without it nobody can. Back it up apart from the data.";

    private const int Version = 2;

    public static byte[] Write(Keyring keyring)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("warning", Warning);
            json.WriteNumber("format", Version);
            json.WriteString("id", keyring.Id);
            json.WriteNumber("revision", keyring.Revision);
            json.WriteStartArray("keys");
            foreach (var key in keyring.Keys)
            {
                json.WriteStartObject();
                json.WriteString("id", key.Id.ToString());
                json.WriteString("purpose", key.Purpose.ToString());
                json.WriteString("state", key.State.ToString());
                json.WriteString("created_at", Text(key.CreatedAt));
                json.WriteString("activates_at", Text(key.ActivatesAt));
                json.WriteString("superseded_at", key.SupersededAt is { } superseded ? Text(superseded) : "");
                json.WriteBase64String("material", key.Material);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        var bytes = buffer.WrittenSpan.ToArray();
        buffer.Clear(); // zeroes what was written
        return bytes;
    }

    /// <exception cref="KeyringException">The bytes are not a whole and unaltered keyring.</exception>
    public static Keyring Read(ReadOnlySpan<byte> utf8, string source)
    {
        try
        {
            return Read(utf8);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
#pragma warning disable MA0054 // the reader's message may quote the input, which is secret: only its kind is kept
            throw new KeyringException($"The keyring in {source} is damaged ({e.GetType().Name}). Restore it from its backup.");
#pragma warning restore MA0054
        }
    }

    private static Keyring Read(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 3 });
        Next(ref json, JsonTokenType.StartObject);
        _ = Text(ref json, "warning"u8);
        Name(ref json, "format"u8);
        Next(ref json, JsonTokenType.Number);
        var version = json.GetInt32();
        if (version is < 1 or > Version)
        {
            throw new FormatException();
        }

        var id = Text(ref json, "id"u8);
        var revision = version == 1 ? 0 : Number(ref json, "revision"u8);
        Name(ref json, "keys"u8);
        Next(ref json, JsonTokenType.StartArray);
        var keys = new List<KeyringKey>();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            keys.Add(ReadKey(ref json, version));
        }

        if (json.TokenType != JsonTokenType.EndArray || !json.Read() || json.TokenType != JsonTokenType.EndObject || json.Read())
        {
            throw new FormatException();
        }

        return Guid.TryParseExact(id, "D", out _) && keys.Count > 0 && revision >= 0
            ? new Keyring(id, keys, revision)
            : throw new FormatException();
    }

    private static KeyringKey ReadKey(ref Utf8JsonReader json, int version)
    {
        var idText = Text(ref json, "id"u8);
        var purposeText = Text(ref json, "purpose"u8);
        var stateText = Text(ref json, "state"u8);
        var createdAt = Time(Text(ref json, "created_at"u8));
        var activatesAt = version == 1 ? createdAt : Time(Text(ref json, "activates_at"u8));
        var superseded = version == 1 ? "" : Text(ref json, "superseded_at"u8);
        DateTimeOffset? supersededAt = superseded.Length == 0 ? null : Time(superseded);
        Name(ref json, "material"u8);
        Next(ref json, JsonTokenType.String);
        var material = json.GetBytesFromBase64();
        try
        {
            Next(ref json, JsonTokenType.EndObject);
            var purpose = Defined<KeyPurpose>(purposeText);
            var state = Defined<KeyState>(stateText);
            if (!KeyId.TryParse(idText, out var id))
            {
                throw new FormatException();
            }

            if (state == KeyState.Destroyed)
            {
                return material.Length == 0
                    ? KeyringKey.Destroyed(id, purpose, createdAt).In(state, activatesAt, supersededAt)
                    : throw new FormatException();
            }

            if (purpose != KeyPurpose.TokenSigning && material.Length != KeyringKey.SymmetricLength)
            {
                throw new FormatException();
            }

            var key = KeyringKey.Create(purpose, state, createdAt, material);
            return key.Id == id ? key.In(state, activatesAt, supersededAt) : throw new FormatException();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    private static T Defined<T>(string text)
        where T : struct, Enum => Enum.TryParse<T>(text, out var value) && value.ToString() == text ? value : throw new FormatException();

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(
            text,
            "O",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
        );

    private static long Number(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        Name(ref json, name);
        Next(ref json, JsonTokenType.Number);
        return json.GetInt64();
    }

    private static string Text(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        Name(ref json, name);
        Next(ref json, JsonTokenType.String);
        return json.GetString()!;
    }

    private static void Name(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        Next(ref json, JsonTokenType.PropertyName);
        if (!json.ValueTextEquals(name))
        {
            throw new FormatException();
        }
    }

    private static void Next(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read() || json.TokenType != type)
        {
            throw new FormatException();
        }
    }
}
