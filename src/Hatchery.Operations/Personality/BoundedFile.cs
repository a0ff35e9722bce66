namespace Hatchery.Operations;

/// <summary>Reads small files that an operator names.</summary>
internal static class BoundedFile
{
    /// <returns>Why it cannot be read; null: it was.</returns>
    public static string? Read(string path, int bytesMax, out byte[] bytes)
    {
        bytes = [];
        try
        {
            using var file = File.OpenRead(path);
            var read = new byte[bytesMax + 1];
            var count = file.ReadAtLeast(read, read.Length, throwOnEndOfStream: false);
            if (count > bytesMax)
                return $"{path} is longer than {bytesMax} bytes";
            bytes = read[..count];
            return null;
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {cannot.Message}";
        }
    }
}
