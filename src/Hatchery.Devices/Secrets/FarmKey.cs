using System.Security.Cryptography;
using System.Text;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// The keys that machine secrets are sealed with, from a file that each server has: a line for each, 32 bytes in base64. The first seals, and all of
/// them open, so that a new one can come before the old one goes.
/// </summary>
public sealed class FarmKey
{
    public const int IdLength = 16;
    public const int OverheadBytes = NonceBytes + TagBytes;

    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int FileBytesMax = 4096;

    private const UnixFileMode NotTheirs =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    private readonly (string Id, byte[] Key)[] _keys;

    private FarmKey((string, byte[])[] keys) => _keys = keys;

    /// <summary>Of the key that seals: the begin of its hash, in hexadecimal digits.</summary>
    public string Id => _keys[0].Id;

    /// <exception cref="IOException">The file cannot be read, is not its owner's alone, or holds no keys; the message says what to do.</exception>
    public static FarmKey Read(string path)
    {
        using var file = File.OpenHandle(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & NotTheirs) != UnixFileMode.None)
            throw new IOException($"{path} can be read by others than its owner: chmod 600 {path}");
        if (RandomAccess.GetLength(file) is > FileBytesMax)
            throw new IOException(
                $"{path} is longer than {FileBytesMax} bytes: it holds a key a line, 32 bytes in base64"
            );
        var text = new byte[FileBytesMax];
        var lines = Encoding.Latin1.GetString(text, 0, RandomAccess.Read(file, text, 0)).Split('\n');
        var keys = new List<(string, byte[])>();
        foreach (var line in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var key = new byte[KeyBytes];
            if (!Convert.TryFromBase64String(line, key, out var length) || length != KeyBytes)
                throw new IOException(
                    $"{path} has a line that is no key: 32 bytes in base64 (openssl rand -base64 32)"
                );
            keys.Add((Convert.ToHexStringLower(SHA256.HashData(key))[..IdLength], key));
        }
        return keys.Count > 0
            ? new([.. keys])
            : throw new IOException($"{path} has no key: openssl rand -base64 32 makes one");
    }

    /// <summary>Whether a secret that is sealed with that key can be opened.</summary>
    public bool Has(string id) => Array.Exists(_keys, k => k.Id == id);

    public SealedSecret Seal(FarmId farm, DeviceId device, string name, ReadOnlySpan<byte> secret, DateTimeOffset now)
    {
        var made = new byte[OverheadBytes + secret.Length];
        RandomNumberGenerator.Fill(made.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_keys[0].Key, TagBytes);
        aes.Encrypt(
            made.AsSpan(0, NonceBytes),
            secret,
            made.AsSpan(NonceBytes, secret.Length),
            made.AsSpan(NonceBytes + secret.Length),
            BoundTo(farm, device, name)
        );
        return new(name, Id, made, now);
    }

    /// <summary>Null: it is sealed with a key that is not here, or it is not what was sealed for this device under this name.</summary>
    public byte[]? Open(FarmId farm, DeviceId device, SealedSecret secret)
    {
        var box = secret.Sealed;
        if (box.Length < OverheadBytes || Array.Find(_keys, k => k.Id == secret.Key) is not { Key: { } key })
            return null;
        var opened = new byte[box.Length - OverheadBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(
                box.AsSpan(0, NonceBytes),
                box.AsSpan(NonceBytes, opened.Length),
                box.AsSpan(NonceBytes + opened.Length),
                opened,
                BoundTo(farm, device, secret.Name)
            );
            return opened;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] BoundTo(FarmId farm, DeviceId device, string name) =>
        Encoding.UTF8.GetBytes($"{farm} {device} {name}");
}
