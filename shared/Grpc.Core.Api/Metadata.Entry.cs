using System.Buffers;
using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    /// <summary>One key with its text or its bytes. Keys are lower case; given bytes are copied in and out.</summary>
    public class Entry
    {
        static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");

        readonly string? text;
        readonly byte[]? bytes;

        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = Normalize(key);
            if (!IsBinary) throw new ArgumentException("A key for bytes ends with -bin.", nameof(key));

            bytes = [.. valueBytes];
        }

        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = Normalize(key);
            if (IsBinary) throw new ArgumentException("A key for text does not end with -bin.", nameof(key));

            text = value;
        }

        public string Key { get; }

        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        public string Value => text ?? Encoding.ASCII.GetString(bytes!);

        public byte[] ValueBytes => bytes is null ? Encoding.ASCII.GetBytes(text!) : [.. bytes];

        public override string ToString() =>
            text is null ? $"[Entry: key={Key}, valueBytes={bytes!.Length} bytes]" : $"[Entry: key={Key}, value={text}]";

        internal static string Normalize(string key)
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            var lower = key.ToLowerInvariant();
            return lower.AsSpan().ContainsAnyExcept(KeyCharacters)
                ? throw new ArgumentException("A key has only letters, digits and the characters _ - . in it.", nameof(key))
                : lower;
        }
    }
}
