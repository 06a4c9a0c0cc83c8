# Verifies a callback with the standard library only. See docs/callbacks.md.

require "openssl"

# Whether the callback is ours. headers maps lower-case names to text; body is the raw body.
def verify(secret, headers, body)
  id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
  return false if (Time.now.to_i - timestamp.to_i).abs > 300

  key = secret.to_s.delete_prefix("whsec_").unpack1("m")
  # Anybody can sign with the key of a setting that was never set.
  return false if key.bytesize < 24

  digest = OpenSSL::HMAC.digest("SHA256", key, "#{id}.#{timestamp}.#{body}")
  expected = "v1," + [digest].pack("m0")
  headers["webhook-signature"].to_s.split(" ").any? { |signature| OpenSSL.secure_compare(signature, expected) }
end
