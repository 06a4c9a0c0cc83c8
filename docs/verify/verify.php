<?php

// Verifies a callback with the standard library only. See docs/callbacks.md.

/**
 * Whether the callback is ours. $headers maps lower-case names to text; plain PHP has them in
 * $_SERVER['HTTP_WEBHOOK_ID'] and so on. $body is file_get_contents('php://input').
 */
function verify(string $secret, array $headers, string $body): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if (abs(time() - (int) $timestamp) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    // Anybody can sign with the key of a setting that was never set.
    if (strlen($key) < 24) {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}
