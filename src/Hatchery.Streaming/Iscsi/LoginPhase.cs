using System.Globalization;
using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>What to do after a Login Request.</summary>
internal enum LoginStep
{
    /// <summary>Send the answer, and wait for the next request.</summary>
    Answer,

    /// <summary>Ask the gate, then call <see cref="LoginPhase.Admit"/>.</summary>
    Ask,

    /// <summary>Send the answer; the full feature phase has begun.</summary>
    Begin,

    /// <summary>Send the answer, a status other than success, and close.</summary>
    Fail,
}

/// <summary>
/// The target's side of a login (RFC 7143 section 6.3) as a state machine without input and output: the stages, keys over
/// several PDUs, and the names. The initiator is admitted where it leaves the security stage, or where it never entered it.
/// </summary>
internal sealed class LoginPhase(TargetOffer offer)
{
    /// <summary>The one portal group, the same on every server.</summary>
    public const int PortalGroup = 1;

    private const int MaxTextBytes = 32 * 1024;

    private readonly KeyNegotiation _negotiation = new(offer);
    private readonly List<byte> _text = [];
    private readonly List<KeyValuePair<string, string>> _answers = [];
    private LoginStage _stage;
    private bool _begun;
    private bool _admitted;
    private bool _namedGroup;

    public string InitiatorName { get; private set; } = "";

    public string TargetName { get; private set; } = "";

    public bool IsDiscovery { get; private set; }

    public LoginRequestPdu Request { get; private set; }

    public SessionParameters Parameters => _negotiation.Result;

    public ushort Status { get; private set; }

    /// <summary>The text of the answer.</summary>
    public byte[] AnswerText { get; private set; } = [];

    /// <summary>The answer grants the transit that the request asked for.</summary>
    public bool Transits { get; private set; }

    public LoginStep Take(in LoginRequestPdu request, ReadOnlySpan<byte> text)
    {
        var first = !_begun;
        if (first)
            (_stage, _begun) = (request.CurrentStage, true);
        var same = first || request.Isid == Request.Isid;
        Request = request;
        (Transits, AnswerText) = (false, []);
        _answers.Clear();
        if (request.VersionMin > 0)
            return Fail(LoginStatus.UnsupportedVersion);
        if (!same || request.CurrentStage != _stage || _stage > LoginStage.Operational || !IsTransitValid(request))
            return Fail(LoginStatus.InvalidDuringLogin);
        if (request.Tsih != 0)
            return Fail(LoginStatus.SessionDoesNotExist);
        if (_text.Count + text.Length > MaxTextBytes)
            return Fail(LoginStatus.InitiatorError);
        _text.AddRange(text);
        if (request.Continues)
            return LoginStep.Answer;
        if (!IscsiText.TryRead([.. _text], out var pairs))
            return Fail(LoginStatus.InitiatorError);
        _text.Clear();
        if (first && TakeNames(pairs) is not LoginStatus.Success and var missing)
            return Fail(missing);
        if (!Negotiate(pairs))
            return Fail(LoginStatus.AuthenticationFailed);
        var needsAdmission = !_admitted && !IsDiscovery && (request.Transit || _stage == LoginStage.Operational);
        return needsAdmission ? LoginStep.Ask : Conclude();
    }

    /// <summary>The gate said yes.</summary>
    public LoginStep Admit()
    {
        _admitted = true;
        return Conclude();
    }

    /// <summary>The gate, or something else, said no.</summary>
    public LoginStep Fail(ushort status, string? targetAddress = null)
    {
        Status = status;
        Transits = false;
        AnswerText = targetAddress is null ? [] : IscsiText.ToBytes([new("TargetAddress", targetAddress)]);
        return LoginStep.Fail;
    }

    private LoginStep Conclude()
    {
        if (_stage == LoginStage.Operational && _negotiation.Declaration() is { } segment)
            _answers.Add(new("MaxRecvDataSegmentLength", segment));
        if (!_namedGroup && !IsDiscovery)
            _answers.Insert(0, new("TargetPortalGroupTag", PortalGroup.ToString(CultureInfo.InvariantCulture)));
        _namedGroup = true;
        AnswerText = IscsiText.ToBytes(_answers);
        Transits = Request.Transit;
        if (!Transits)
            return LoginStep.Answer;
        _stage = Request.NextStage;
        return _stage == LoginStage.FullFeature ? LoginStep.Begin : LoginStep.Answer;
    }

    private static bool IsTransitValid(in LoginRequestPdu request) =>
        !request.Transit
        || (
            !request.Continues
            && request.NextStage > request.CurrentStage
            && request.NextStage is LoginStage.Operational or LoginStage.FullFeature
        );

    private ushort TakeNames(List<KeyValuePair<string, string>> pairs)
    {
        var type = "Normal";
        foreach (var (key, value) in pairs)
        {
            switch (key)
            {
                case "InitiatorName":
                    InitiatorName = value;
                    break;
                case "TargetName":
                    TargetName = value;
                    break;
                case "SessionType":
                    type = value;
                    break;
            }
        }
        if (type is not ("Normal" or "Discovery"))
            return LoginStatus.SessionTypeNotSupported;
        IsDiscovery = _negotiation.IsDiscovery = string.Equals(type, "Discovery", StringComparison.Ordinal);
        return InitiatorName.Length == 0 || (TargetName.Length == 0 && !IsDiscovery)
            ? LoginStatus.MissingParameter
            : LoginStatus.Success;
    }

    /// <summary>False when no way to authenticate is left.</summary>
    private bool Negotiate(List<KeyValuePair<string, string>> pairs)
    {
        foreach (var (key, value) in pairs)
        {
            if (string.Equals(key, "AuthMethod", StringComparison.Ordinal))
            {
                if (!value.Split(',').Contains("None", StringComparer.Ordinal))
                    return false;
                _answers.Add(new(key, "None"));
            }
            else if (_negotiation.Answer(key, value) is { } answer)
            {
                _answers.Add(new(key, answer));
            }
        }
        return true;
    }
}
