using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Hatchery.Server;

/// <summary>Where machines ask for their secrets.</summary>
/// <param name="CertificateFile">PEM, of the authority that machines know.</param>
internal sealed record HttpsSettings(int Port, string CertificateFile, string KeyFile)
{
    public static HttpsSettings? Read(SettingsReader https)
    {
        var settings = new HttpsSettings(https.Number("port", 0, 65535), https.Text("certificate"), https.Text("key"));
        return settings.Port == 0 ? null
            : settings.CertificateFile.Length > 0 && settings.KeyFile.Length > 0 ? settings
            : throw new SettingsException(
                "hatchery.boot.https.port is set: certificate and key have to name two files in PEM"
            );
    }

    /// <exception cref="SettingsException">The files hold no certificate and its key.</exception>
    public X509Certificate2 Certificate()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
        }
        catch (Exception cannot) when (cannot is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(
                $"hatchery.boot.https: {CertificateFile} and {KeyFile} are no certificate and its key: {cannot.Message}",
                cannot
            );
        }
    }
}
